#include "signals.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "grid.h"
#include "lines.h"
#include "memory.h"
#include "modules.h"
#include "settings.h"

namespace emu {
namespace {

const int ENOUGH = SIGRTMIN + 7;  // sent to a launch that takes too long
struct sigaction before[64];      // the host's handlers: a JVM has its own uses for SIGSEGV
std::atomic<bool> armed;
pthread_t runner;
double deadline;  // in the runner's CPU time
stack_t host_stack;

double cpu_time(pthread_t thread) {
  clockid_t clock;
  timespec time{};
  if (!pthread_getcpuclockid(thread, &clock)) clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/** The place in the kernel that a signal interrupted, or that called what it interrupted. */
const void* place_in_kernel(const ucontext_t& context) {
  auto* at = reinterpret_cast<const char*>(context.uc_mcontext.gregs[REG_RIP]);
  // As if it were a return address, which is one too far; but a stub that leads to another library
  // has no line, and its caller has.
  if (in_module(at) && has_line(at + 1)) return at + 1;
  auto* stack = reinterpret_cast<void* const*>(context.uc_mcontext.gregs[REG_RSP]);
  for (; reinterpret_cast<const char*>(stack) < lane->stack_high &&
         reinterpret_cast<const char*>(stack) >= lane->stack_low + 4096;
       stack++) {
    if (in_module(*stack) && has_line(*stack)) return *stack;
  }
  return nullptr;
}

void pass_on(int signal, siginfo_t* info, void* context) {
  struct sigaction& old = before[signal];
  if (old.sa_flags & SA_SIGINFO) {
    old.sa_sigaction(signal, info, context);
  } else if (old.sa_handler == SIG_DFL) {
    sigaction(signal, &old, nullptr);  // and the fault happens again
  } else if (old.sa_handler != SIG_IGN) {
    old.sa_handler(signal);
  }
}

void handle(int signal, siginfo_t* info, void* context_pointer) {
  auto& context = *static_cast<ucontext_t*>(context_pointer);
  bool ours = armed && pthread_equal(pthread_self(), runner) && lane;
  if (signal == ENOUGH) {
    // Only where the kernel itself runs is it safe to leave; if not, at its next access, or signal.
    auto* at = reinterpret_cast<const void*>(context.uc_mcontext.gregs[REG_RIP]);
    overdue = ours;
    if (!ours || !in_module(at)) return;
  } else if (!ours) {
    pass_on(signal, info, context_pointer);
    return;
  }
  const void* at = place_in_kernel(context);
  // This handler is not returned from, so what it blocks is set free by hand.
  pthread_sigmask(SIG_SETMASK, &context.uc_sigmask, nullptr);
  const char* address = static_cast<const char*>(info->si_addr);
  if (signal == ENOUGH) {
    fail_overdue(at);
  } else if (signal == SIGFPE) {
    fail(CUDA_ERROR_LAUNCH_FAILED, at, "divides an integer by zero");
  } else if (address >= lane->stack_low && address < lane->stack_low + 4096) {
    fail(CUDA_ERROR_LAUNCH_FAILED, at, "local arrays overflow the emulator's stack of a thread");
  } else if (!address) {
    fail(CUDA_ERROR_ILLEGAL_ADDRESS, at, "uses a null or misaligned address");
  } else {
    fail(CUDA_ERROR_ILLEGAL_ADDRESS, at, "uses %s", place_of(address, 1).text);
  }
}

void install(int signal) {
  struct sigaction action{};
  sigaction(signal, nullptr, &before[signal]);
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  action.sa_mask = before[signal].sa_mask;
  sigaction(signal, &action, nullptr);
}

[[noreturn]] void watch() {
  for (;;) {
    usleep(20000);
    if (armed && settings.seconds > 0 && cpu_time(runner) > deadline) pthread_kill(runner, ENOUGH);
  }
}

void start() {
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, ENOUGH}) install(signal);
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  std::thread(watch).detach();
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

}  // namespace

volatile bool overdue;

void fail_overdue(const void* at) {
  fail(CUDA_ERROR_LAUNCH_TIMEOUT, at, "still runs after %g seconds: a loop without an end?",
       settings.seconds);
}

Guarded::Guarded() {
  static bool started = (start(), true);
  (void)started;
  static char* own = static_cast<char*>(malloc(64 << 10));
  stack_t stack{};
  stack.ss_sp = own;
  stack.ss_size = 64 << 10;
  sigaltstack(&stack, &host_stack);
  runner = pthread_self();
  deadline = cpu_time(runner) + settings.seconds;
  overdue = false;
  armed = true;
}

Guarded::~Guarded() {
  armed = false;
  sigaltstack(&host_stack, nullptr);
}

}  // namespace emu

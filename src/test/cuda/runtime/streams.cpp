#include "streams.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "device.h"
#include "random.h"
#include "settings.h"

namespace emu {
namespace {

std::vector<Stream*> streams;
std::vector<std::shared_ptr<Capture>> captures;
thread_local int heeded = CU_STREAM_CAPTURE_MODE_GLOBAL;  // by this thread

double now() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

void add(Stream* stream, Command command) {
  stream->pending.push_back(std::move(command));
}

/** Marks the place that a stream has come to. */
MomentPtr mark(Stream* stream) {
  auto moment = std::make_shared<Moment>();
  moment->stream = stream;
  add(stream, {nullptr, nullptr, moment});
  return moment;
}

/** The legacy stream and the blocking ones wait for each other, whatever is put into them. */
void obey_legacy(Stream* stream) {
  if (stream == legacy_stream()) {
    for (Stream* other : streams) {
      if (other != stream && other->waits_for_legacy && !other->pending.empty()) {
        add(stream, {nullptr, mark(other), nullptr});
      }
    }
  } else if (stream->waits_for_legacy && !legacy_stream()->pending.empty()) {
    add(stream, {nullptr, mark(legacy_stream()), nullptr});
  }
}

CUresult run_nodes(const std::vector<Node>& nodes, Random& random) {
  // Any order that the arrows allow may come up.
  std::vector<size_t> missing(nodes.size());
  std::vector<std::vector<size_t>> followers(nodes.size());
  std::vector<size_t> ready;
  for (size_t i = 0; i < nodes.size(); i++) {
    missing[i] = nodes[i].after.size();
    for (size_t before : nodes[i].after) followers[before].push_back(i);
    if (!missing[i]) ready.push_back(i);
  }
  while (!ready.empty()) {
    std::swap(ready[random.below(ready.size())], ready.back());
    size_t node = ready.back();
    ready.pop_back();
    if (nodes[node].work) {
      if (CUresult bad = nodes[node].work()) return bad;
    }
    for (size_t follower : followers[node]) {
      if (!--missing[follower]) ready.push_back(follower);
    }
  }
  return CUDA_SUCCESS;
}

}  // namespace

Stream* legacy_stream() {
  static Stream* legacy = create_stream(true);
  return legacy;
}

Stream* create_stream(bool waits_for_legacy) {
  auto* stream = new Stream{waits_for_legacy, {}, nullptr, {}};
  streams.push_back(stream);
  return stream;
}

void destroy_stream(Stream* stream) {
  drain(stream);
  if (stream->capture) stream->capture->invalid = true;
  streams.erase(std::find(streams.begin(), streams.end(), stream));
  delete stream;
}

Stream* stream_of(Stream* handle) {
  // CU_STREAM_LEGACY is 1, CU_STREAM_PER_THREAD is 2: that one is refused.
  if (reinterpret_cast<uintptr_t>(handle) <= 1) return legacy_stream();
  return std::find(streams.begin(), streams.end(), handle) == streams.end() ? nullptr : handle;
}

CUresult enqueue(Stream* stream, std::function<CUresult()> work) {
  if (Capture* capture = stream->capture.get()) {
    if (capture->invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    capture->nodes.push_back({std::move(work), stream->tail});
    stream->tail = {capture->nodes.size() - 1};
    return CUDA_SUCCESS;
  }
  if (stream == legacy_stream()) {
    for (auto& capture : captures) {
      if (capture->mode == CU_STREAM_CAPTURE_MODE_RELAXED || !capture->origin->waits_for_legacy) {
        continue;
      }
      capture->invalid = true;
      return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
    }
  }
  obey_legacy(stream);
  add(stream, {std::move(work), nullptr, nullptr});
  return CUDA_SUCCESS;
}

CUresult record(Stream* stream, Event* event) {
  if (Capture* capture = stream->capture.get()) {
    if (capture->invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    event->moment = std::make_shared<Moment>();
    event->moment->stream = stream;
    event->moment->captured = true;
    event->moment->capture = stream->capture;
    event->moment->nodes = stream->tail;
    return CUDA_SUCCESS;
  }
  obey_legacy(stream);
  event->moment = mark(stream);
  return CUDA_SUCCESS;
}

CUresult wait_event(Stream* stream, Event* event) {
  const MomentPtr& moment = event->moment;
  if (!moment) return CUDA_SUCCESS;
  if (moment->captured) {
    std::shared_ptr<Capture> capture = moment->capture.lock();
    if (!capture) return CUDA_ERROR_CAPTURED_EVENT;  // which has ended meanwhile
    if (capture->invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    if (stream->capture && stream->capture != capture) return CUDA_ERROR_STREAM_CAPTURE_MERGE;
    if (!stream->capture) {  // the stream joins
      stream->capture = capture;
      stream->tail.clear();
      capture->streams.push_back(stream);
    }
    capture->nodes.push_back({nullptr, stream->tail});
    capture->nodes.back().after.insert(capture->nodes.back().after.end(), moment->nodes.begin(),
                                       moment->nodes.end());
    stream->tail = {capture->nodes.size() - 1};
    return CUDA_SUCCESS;
  }
  if (stream->capture) {
    stream->capture->invalid = true;
    return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
  }
  add(stream, {nullptr, moment, nullptr});
  return CUDA_SUCCESS;
}

CUresult step(Stream* stream) {
  if (CUresult bad = device.fault) return bad;
  if (stream->pending.empty()) return CUDA_SUCCESS;
  Command command = std::move(stream->pending.front());
  stream->pending.pop_front();
  if (command.wait) {
    if (CUresult bad = reach(command.wait)) return bad;
  }
  if (command.work) {
    if (CUresult bad = command.work()) {
      device.fault = bad;
      drop_all();
      return bad;
    }
  }
  if (command.mark) {
    command.mark->reached = true;
    command.mark->milliseconds = now();
  }
  return CUDA_SUCCESS;
}

CUresult drain(Stream* stream) {
  while (!stream->pending.empty()) {
    if (CUresult bad = step(stream)) return bad;
  }
  return device.fault;
}

CUresult drain_all() {
  static uint64_t drains;
  Random random(settings.seed + drains++);
  for (;;) {
    std::vector<Stream*> busy;
    for (Stream* stream : streams) {
      if (!stream->pending.empty()) busy.push_back(stream);
    }
    if (busy.empty()) return device.fault;
    if (CUresult bad = step(busy[random.below(busy.size())])) return bad;
  }
}

CUresult reach(const MomentPtr& moment) {
  while (!moment->reached) {
    if (CUresult bad = step(moment->stream)) return bad;
  }
  return CUDA_SUCCESS;
}

void drop_all() {
  for (Stream* stream : streams) {
    for (Command& command : stream->pending) {
      if (command.mark) command.mark->reached = true;
    }
    stream->pending.clear();
  }
}

CUresult begin_capture(Stream* stream, int mode, const void* thread) {
  if (stream->capture) return CUDA_ERROR_INVALID_VALUE;
  stream->capture =
      std::make_shared<Capture>(Capture{stream, mode, thread, false, {}, {stream}});
  captures.push_back(stream->capture);
  stream->tail.clear();
  return CUDA_SUCCESS;
}

CUresult end_capture(Stream* stream, const void* thread, Graph** graph) {
  std::shared_ptr<Capture> capture = stream->capture;
  *graph = nullptr;
  if (!capture) return CUDA_ERROR_INVALID_VALUE;
  CUresult result = CUDA_SUCCESS;
  if (capture->origin != stream) return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
  if (capture->mode != CU_STREAM_CAPTURE_MODE_RELAXED && capture->thread != thread) {
    return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
  }
  // What the streams that joined have done must lead back to the origin.
  std::vector<bool> joined(capture->nodes.size());
  for (size_t node : stream->tail) joined[node] = true;
  for (size_t i = capture->nodes.size(); i-- > 0;) {
    if (!joined[i]) continue;
    for (size_t before : capture->nodes[i].after) joined[before] = true;
  }
  for (Stream* other : capture->streams) {
    for (size_t node : other->tail) {
      if (!joined[node]) result = CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
    }
  }
  if (capture->invalid) result = CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  if (!result) *graph = new Graph{std::move(capture->nodes)};
  for (Stream* other : capture->streams) {
    other->capture = nullptr;
    other->tail.clear();
  }
  captures.erase(std::find(captures.begin(), captures.end(), capture));
  return result;
}

int exchange_capture_mode(int mode) { return std::exchange(heeded, mode); }

CUresult forbid_in_capture(const void* thread) {
  CUresult result = CUDA_SUCCESS;
  if (heeded == CU_STREAM_CAPTURE_MODE_RELAXED) return result;
  for (auto& capture : captures) {
    if (capture->mode == CU_STREAM_CAPTURE_MODE_RELAXED) continue;
    bool own = capture->thread == thread;
    bool global = capture->mode == CU_STREAM_CAPTURE_MODE_GLOBAL &&
                  heeded == CU_STREAM_CAPTURE_MODE_GLOBAL;
    if (!own && !global) continue;
    capture->invalid = true;
    result = CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  return result;
}

CUresult launch_graph(GraphExec* graph, Stream* stream) {
  auto nodes = graph->nodes;
  return enqueue(stream, [nodes] {
    static uint64_t launches;
    Random random(settings.seed + launches++);
    return run_nodes(*nodes, random);
  });
}

}  // namespace emu

// Streams, events and graphs.
//
// Nothing that is put into a stream happens at once. It happens when somebody waits for it, on the
// thread that waits: as late as CUDA allows, so that who forgot to wait sees it.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cuda.h"

namespace emu {

/** A place in a stream that others may wait for. */
struct Moment {
  Stream* stream = nullptr;
  bool captured = false;
  std::weak_ptr<struct Capture> capture;
  std::vector<size_t> nodes;          // after which it comes, in that capture
  bool reached = false;
  double milliseconds = 0;            // when it was reached
};
using MomentPtr = std::shared_ptr<Moment>;

/** A piece of work: either something to do, or a moment to wait for or to mark. */
struct Command {
  std::function<CUresult()> work;
  MomentPtr wait, mark;
};

struct Node {
  std::function<CUresult()> work;
  std::vector<size_t> after;
};

/** A capture under way. */
struct Capture {
  Stream* origin;
  int mode;
  const void* thread;  // that began it
  bool invalid = false;
  std::vector<Node> nodes;
  std::vector<Stream*> streams;
};

struct Stream {
  bool waits_for_legacy;
  std::deque<Command> pending;
  std::shared_ptr<Capture> capture;
  std::vector<size_t> tail;  // of this stream in the capture
};

struct Event {
  bool timed;
  MomentPtr moment;  // null until it is recorded
};

struct Graph {
  std::vector<Node> nodes;
};

struct GraphExec {
  std::shared_ptr<std::vector<Node>> nodes;
};

/** Puts work into a stream, or into the capture that the stream is in. */
CUresult enqueue(Stream* stream, std::function<CUresult()> work);

CUresult record(Stream* stream, Event* event);
CUresult wait_event(Stream* stream, Event* event);

/** Does all that a stream has pending. */
CUresult drain(Stream* stream);
/** Does all that any stream has pending, in an order that is drawn. */
CUresult drain_all();
/** Does what leads up to a moment. */
CUresult reach(const MomentPtr& moment);
/** Does one pending piece of a stream's work: a query lets the world go on. */
CUresult step(Stream* stream);

/** Drops everything pending. */
void drop_all();

Stream* legacy_stream();
Stream* create_stream(bool waits_for_legacy);
void destroy_stream(Stream* stream);
/** The stream that a handle stands for, or null. */
Stream* stream_of(Stream* handle);

CUresult begin_capture(Stream* stream, int mode, const void* thread);
CUresult end_capture(Stream* stream, const void* thread, Graph** graph);
/** Ends in an error if a call that must not happen during a capture is made by this thread. */
CUresult forbid_in_capture(const void* thread);
/** The mode in which this thread heeds captures, its own and others'; returns the mode before. */
int exchange_capture_mode(int mode);

CUresult launch_graph(GraphExec* graph, Stream* stream);

}  // namespace emu

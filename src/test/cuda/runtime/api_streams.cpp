// The driver's API: streams, events, capture and graphs.
#include <set>

#include "device.h"
#include "streams.h"

using namespace emu;

namespace {

std::set<Event*> events;
std::set<Graph*> graphs;
std::set<GraphExec*> graph_execs;

/** Waiting for a stream that only takes notes would wait for ever. */
CUresult forbid_if_capturing(Stream* stream) {
  if (!stream->capture) return CUDA_SUCCESS;
  stream->capture->invalid = true;
  return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
}

}  // namespace

CUDA_API cuStreamCreate(CUstream* stream, unsigned flags) {
  ENTER(CONTEXT);
  if (!stream || flags > CU_STREAM_NON_BLOCKING) return CUDA_ERROR_INVALID_VALUE;
  *stream = create_stream(flags == CU_STREAM_DEFAULT);
  return CUDA_SUCCESS;
}

CUDA_API cuStreamDestroy_v2(CUstream handle) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream || stream == legacy_stream()) return CUDA_ERROR_INVALID_HANDLE;
  destroy_stream(stream);
  return CUDA_SUCCESS;
}

CUDA_API cuStreamSynchronize(CUstream handle) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream) return CUDA_ERROR_INVALID_HANDLE;
  if (CUresult bad = forbid_if_capturing(stream)) return bad;
  return drain(stream);
}

CUDA_API cuStreamQuery(CUstream handle) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream) return CUDA_ERROR_INVALID_HANDLE;
  if (CUresult bad = forbid_if_capturing(stream)) return bad;
  if (stream->pending.empty()) return CUDA_SUCCESS;
  if (CUresult bad = step(stream)) return bad;
  return CUDA_ERROR_NOT_READY;
}

CUDA_API cuStreamWaitEvent(CUstream handle, CUevent event, unsigned flags) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream || !events.count(event)) return CUDA_ERROR_INVALID_HANDLE;
  if (flags > 1) return CUDA_ERROR_INVALID_VALUE;
  return wait_event(stream, event);
}

CUDA_API cuEventCreate(CUevent* event, unsigned flags) {
  ENTER(CONTEXT);
  if (!event || flags > 7) return CUDA_ERROR_INVALID_VALUE;
  *event = new Event{!(flags & CU_EVENT_DISABLE_TIMING), nullptr};
  events.insert(*event);
  return CUDA_SUCCESS;
}

CUDA_API cuEventDestroy_v2(CUevent event) {
  ENTER(CONTEXT);
  if (!events.erase(event)) return CUDA_ERROR_INVALID_HANDLE;
  delete event;
  return CUDA_SUCCESS;
}

CUDA_API cuEventRecord(CUevent event, CUstream handle) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream || !events.count(event)) return CUDA_ERROR_INVALID_HANDLE;
  return record(stream, event);
}

CUDA_API cuEventQuery(CUevent event) {
  ENTER(CONTEXT);
  if (!events.count(event)) return CUDA_ERROR_INVALID_HANDLE;
  MomentPtr moment = event->moment;
  if (!moment) return CUDA_SUCCESS;
  if (moment->captured) return CUDA_ERROR_CAPTURED_EVENT;
  if (moment->reached) return CUDA_SUCCESS;
  if (CUresult bad = step(moment->stream)) return bad;
  return CUDA_ERROR_NOT_READY;
}

CUDA_API cuEventSynchronize(CUevent event) {
  ENTER(CONTEXT);
  if (!events.count(event)) return CUDA_ERROR_INVALID_HANDLE;
  MomentPtr moment = event->moment;
  if (!moment) return CUDA_SUCCESS;
  if (moment->captured) return CUDA_ERROR_CAPTURED_EVENT;
  return reach(moment);
}

static CUresult elapsed_time(float* milliseconds, CUevent from, CUevent to) {
  ENTER(CONTEXT);
  if (!milliseconds) return CUDA_ERROR_INVALID_VALUE;
  if (!events.count(from) || !events.count(to)) return CUDA_ERROR_INVALID_HANDLE;
  if (!from->moment || !to->moment || !from->timed || !to->timed) return CUDA_ERROR_INVALID_HANDLE;
  if (from->moment->captured || to->moment->captured) return CUDA_ERROR_CAPTURED_EVENT;
  if (!from->moment->reached || !to->moment->reached) return CUDA_ERROR_NOT_READY;
  *milliseconds = static_cast<float>(to->moment->milliseconds - from->moment->milliseconds);
  return CUDA_SUCCESS;
}

CUDA_API cuEventElapsedTime(float* milliseconds, CUevent from, CUevent to) {
  return elapsed_time(milliseconds, from, to);
}
CUDA_API cuEventElapsedTime_v2(float* milliseconds, CUevent from, CUevent to) {
  return elapsed_time(milliseconds, from, to);
}

CUDA_API cuStreamBeginCapture_v2(CUstream handle, int mode) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream) return CUDA_ERROR_INVALID_HANDLE;
  if (mode < 0 || mode > CU_STREAM_CAPTURE_MODE_RELAXED) return CUDA_ERROR_INVALID_VALUE;
  if (stream == legacy_stream()) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  return begin_capture(stream, mode, &current);
}

CUDA_API cuStreamEndCapture(CUstream handle, CUgraph* graph) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream) return CUDA_ERROR_INVALID_HANDLE;
  if (!graph) return CUDA_ERROR_INVALID_VALUE;
  CUresult result = end_capture(stream, &current, graph);
  if (*graph) graphs.insert(*graph);
  return result;
}

CUDA_API cuStreamIsCapturing(CUstream handle, int* status) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream) return CUDA_ERROR_INVALID_HANDLE;
  if (!status) return CUDA_ERROR_INVALID_VALUE;
  *status = !stream->capture           ? CU_STREAM_CAPTURE_STATUS_NONE
            : stream->capture->invalid ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                                       : CU_STREAM_CAPTURE_STATUS_ACTIVE;
  return CUDA_SUCCESS;
}

CUDA_API cuThreadExchangeStreamCaptureMode(int* mode) {
  ENTER(INITIALISED);
  if (!mode || *mode < 0 || *mode > CU_STREAM_CAPTURE_MODE_RELAXED) return CUDA_ERROR_INVALID_VALUE;
  *mode = exchange_capture_mode(*mode);
  return CUDA_SUCCESS;
}

CUDA_API cuGraphInstantiateWithFlags(CUgraphExec* exec, CUgraph graph, unsigned long long) {
  ENTER(CONTEXT);
  if (!exec) return CUDA_ERROR_INVALID_VALUE;
  if (!graphs.count(graph)) return CUDA_ERROR_INVALID_HANDLE;
  *exec = new GraphExec{std::make_shared<std::vector<Node>>(graph->nodes)};
  graph_execs.insert(*exec);
  return CUDA_SUCCESS;
}

CUDA_API cuGraphLaunch(CUgraphExec exec, CUstream handle) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream || !graph_execs.count(exec)) return CUDA_ERROR_INVALID_HANDLE;
  return launch_graph(exec, stream);
}

CUDA_API cuGraphExecDestroy(CUgraphExec exec) {
  ENTER(CONTEXT);
  if (!graph_execs.erase(exec)) return CUDA_ERROR_INVALID_HANDLE;
  delete exec;
  return CUDA_SUCCESS;
}

CUDA_API cuGraphDestroy(CUgraph graph) {
  ENTER(CONTEXT);
  if (!graphs.erase(graph)) return CUDA_ERROR_INVALID_HANDLE;
  delete graph;
  return CUDA_SUCCESS;
}

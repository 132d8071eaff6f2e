// A libcuda.so.1 that does nothing, for what a real driver or the emulator will not do on demand:
// fail in a given way, be too old, show no device; and for the cost of a launch's way from Java.
// The environment says how it behaves. Device memory is the host's.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

typedef int Status;
enum { SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, NOT_FOUND = 500,
       ILLEGAL_ADDRESS = 700, FROM_THE_FUTURE = 9999 };

static int setting(const char *name, int otherwise) {
  const char *value = getenv(name);
  return value == nullptr ? otherwise : atoi(value);
}

static void say(const char *what, unsigned long long number) {
  if (getenv("STUB_TALK") != nullptr) {
    printf("stub: %s %llu\n", what, number);
    fflush(stdout);
  }
}

static uint64_t handle = 0x1000;

extern "C" {

Status cuInit(unsigned) { return setting("STUB_INIT", SUCCESS); }

Status cuDriverGetVersion(int *version) {
  *version = setting("STUB_VERSION", 13000);
  return SUCCESS;
}

Status cuGetErrorName(Status status, const char **name) {
  switch (status) {
    case INVALID_VALUE: *name = "CUDA_ERROR_INVALID_VALUE"; return SUCCESS;
    case OUT_OF_MEMORY: *name = "CUDA_ERROR_OUT_OF_MEMORY"; return SUCCESS;
    case NO_DEVICE: *name = "CUDA_ERROR_NO_DEVICE"; return SUCCESS;
    case NOT_FOUND: *name = "CUDA_ERROR_NOT_FOUND"; return SUCCESS;
    case ILLEGAL_ADDRESS: *name = "CUDA_ERROR_ILLEGAL_ADDRESS"; return SUCCESS;
    default: *name = nullptr; return INVALID_VALUE;
  }
}

Status cuGetErrorString(Status status, const char **text) {
  switch (status) {
    case INVALID_VALUE: *text = "invalid argument"; return SUCCESS;
    case OUT_OF_MEMORY: *text = "out of memory"; return SUCCESS;
    case NO_DEVICE: *text = "no CUDA-capable device is detected"; return SUCCESS;
    case NOT_FOUND: *text = "named symbol not found"; return SUCCESS;
    case ILLEGAL_ADDRESS: *text = "an illegal memory access was encountered"; return SUCCESS;
    default: *text = nullptr; return INVALID_VALUE;
  }
}

Status cuDeviceGetCount(int *count) {
  *count = setting("STUB_DEVICES", 1);
  return SUCCESS;
}

Status cuDeviceGet(int *device, int index) {
  *device = index;
  return SUCCESS;
}

Status cuDeviceGetName(char *name, int length, int) {
  snprintf(name, length, "Stub");
  return SUCCESS;
}

Status cuDeviceTotalMem_v2(size_t *bytes, int) {
  *bytes = 1ull << 30;
  return SUCCESS;
}

Status cuDeviceGetAttribute(int *value, int attribute, int) {
  *value = attribute == 97 ? 232448 : attribute == 10 ? 32 : attribute == 75 ? 9 : 0;
  return SUCCESS;
}

Status cuDevicePrimaryCtxRetain(void **context, int) {
  *context = (void *)++handle;
  return SUCCESS;
}

Status cuCtxSetCurrent(void *) {
  say("cuCtxSetCurrent", 0);
  return SUCCESS;
}

Status cuMemAlloc_v2(uint64_t *address, size_t bytes) {
  if (bytes > 1ull << 30) {
    return OUT_OF_MEMORY;
  }
  *address = (uint64_t)malloc(bytes);
  return SUCCESS;
}

Status cuMemFree_v2(uint64_t address) {
  free((void *)address);
  return SUCCESS;
}

Status cuMemcpyHtoD_v2(uint64_t to, const void *from, size_t bytes) {
  memcpy((void *)to, from, bytes);
  return SUCCESS;
}

Status cuMemcpyDtoH_v2(void *to, uint64_t from, size_t bytes) {
  memcpy(to, (void *)from, bytes);
  return SUCCESS;
}

Status cuStreamCreate(void **stream, unsigned flags) {
  say("cuStreamCreate", flags);
  *stream = (void *)++handle;
  return SUCCESS;
}

Status cuStreamDestroy_v2(void *) { return SUCCESS; }

Status cuStreamSynchronize(void *) { return setting("STUB_SYNCHRONIZE", SUCCESS); }

Status cuModuleLoadData(void **module, const void *) {
  *module = (void *)++handle;
  return SUCCESS;
}

Status cuModuleGetFunction(void **function, void *, const char *name) {
  if (strcmp(name, "absent") == 0) {
    return NOT_FOUND;
  }
  *function = (void *)++handle;
  return SUCCESS;
}

Status cuFuncGetAttribute(int *value, int attribute, void *) {
  *value = attribute == 0 ? 1024 : attribute == 1 ? 128 : 0;
  return SUCCESS;
}

Status cuFuncSetAttribute(void *, int attribute, int value) {
  say(attribute == 8 ? "shared memory allowed" : "attribute set", value);
  return SUCCESS;
}

Status cuLaunchKernel(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                      void *, void **, void **) {
  return SUCCESS;
}

}  // extern "C"

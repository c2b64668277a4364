// A libcuda.so.1 without a GPU, so that JavaCppDevice and the JNI library below it can be tried where there
// is no driver: the driver's functions that it calls, over the emulation. One device, one context, one
// stream; everything happens at once.
#include "emulation_core.h"

namespace {
int token;
constexpr int SUCCESS = 0;
constexpr int INVALID_VALUE = 1;
constexpr int NOT_FOUND = 500;
}  // namespace

extern "C" {

int cuInit(unsigned) { return getenv("EMULATED_GPU_NONE") != nullptr ? 100 : SUCCESS; }

int cuDriverGetVersion(int* version) {
  *version = 13000;
  return SUCCESS;
}

int cuGetErrorName(int error, const char** name) {
  *name = error == 100 ? "CUDA_ERROR_NO_DEVICE" : "CUDA_ERROR_EMULATED";
  return SUCCESS;
}

int cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return SUCCESS;
}

int cuDeviceGetAttribute(int* value, int attribute, int) {
  const char* capability = getenv("EMULATED_GPU_CAPABILITY");
  int asked = capability == nullptr ? 90 : atoi(capability);
  *value = attribute == 75 ? asked / 10 : attribute == 76 ? asked % 10 : 0;
  return SUCCESS;
}

int cuDeviceGetName(char* name, int size, int) {
  snprintf(name, size, "Emulated GPU");
  return SUCCESS;
}

int cuDevicePrimaryCtxRetain(void** context, int) {
  *context = &token;
  return SUCCESS;
}

int cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }

int cuCtxSetCurrent(void* context) { return context == &token ? SUCCESS : INVALID_VALUE; }

int cuModuleLoadData(void** module, const void* image) {
  *module = &token;
  return strstr(static_cast<const char*>(image), ".entry encodeForward(") ? SUCCESS : INVALID_VALUE;
}

int cuModuleUnload(void*) { return SUCCESS; }

int cuModuleGetFunction(void** function, void* module, const char* name) {
  auto found = KERNELS.find(name);
  if (module != &token || found == KERNELS.end()) {
    return NOT_FOUND;
  }
  *function = const_cast<std::string*>(&found->first);
  return SUCCESS;
}

int cuStreamCreate(void** stream, unsigned) {
  *stream = &token;
  return SUCCESS;
}

int cuStreamDestroy_v2(void*) { return SUCCESS; }

int cuStreamSynchronize(void* stream) { return stream == &token ? SUCCESS : INVALID_VALUE; }

int cuMemGetInfo_v2(size_t* free, size_t* total) {
  *free = size_t{2} << 30;
  *total = size_t{4} << 30;
  return SUCCESS;
}

int cuMemAlloc_v2(uint64_t* address, size_t size) {
  *address = allocate(size);
  return SUCCESS;
}

int cuMemFree_v2(uint64_t address) {
  release(address);
  return SUCCESS;
}

int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t size, void*) {
  memcpy(reinterpret_cast<void*>(to), from, size);
  return SUCCESS;
}

int cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t size, void*) {
  memcpy(to, reinterpret_cast<const void*>(from), size);
  return SUCCESS;
}

int cuLaunchKernel(void* function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned,
                   unsigned, unsigned, void* stream, void** arguments, void**) {
  if (threads != THREADS || stream != &token) {
    return INVALID_VALUE;
  }
  architecture = *static_cast<const Architecture**>(arguments[0]);
  items = *static_cast<const void**>(arguments[1]);
  argumentA = *static_cast<int*>(arguments[2]);
  argumentB = *static_cast<int*>(arguments[3]);
  launch(*static_cast<std::string*>(function), x, y, z);
  return SUCCESS;
}
}

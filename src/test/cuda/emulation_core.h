// Blocks as fibers, and memory that ends at a guard page: what the emulator and the emulated driver share.
// Include it in one file.
#pragma once

#include "cuda_emulation.h"

#include "batm.cu"

#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

Extent threadIdx, blockIdx, gridDim;
double emulation::exchanged[emulation::MOST_THREADS];

namespace {

static_assert(THREADS == emulation::MOST_THREADS, "one fiber for each thread");

[[noreturn]] void fail(const std::string& message) {
  fprintf(stderr, "emulator: %s\n", message.c_str());
  exit(1);
}

typedef void (*Kernel)(const Architecture*, const void*, int, int);

const std::map<std::string, Kernel> KERNELS = {
    {"encodeForward", encodeForward},   {"foldStatistics", foldStatistics},
    {"headForward", headForward},       {"headBackward", headBackward},
    {"encodeBackward", encodeBackward}, {"encodeTangent", encodeTangent},
    {"headTangent", headTangent},       {"weighEvents", weighEvents},
    {"normaliseWeights", normaliseWeights}, {"pullBack", pullBack},
    {"hypergradient", hypergradient},   {"moveWeightNet", moveWeightNet},
    {"lookAhead", lookAhead},           {"turn", turn},
    {"addUp", addUp},                   {"adam", adam},
    {"finish", finish}};

// ---- fibers

struct Fiber {
  ucontext_t context;
  jmp_buf resume;
  bool started = false;
  bool done = true;
  std::vector<char> stack = std::vector<char>(64 * 1024);
};

Fiber fibers[THREADS];
int current;
jmp_buf yielded;

Kernel kernel;
const Architecture* architecture;
const void* items;
int argumentA, argumentB;

void yield() {
  if (!_setjmp(fibers[current].resume)) {
    _longjmp(yielded, 1);
  }
}

/** Fibers live on from block to block: making one costs system calls. */
void fiberMain() {
  for (;;) {
    kernel(architecture, items, argumentA, argumentB);
    fibers[current].done = true;
    yield();
  }
}

void resume(int thread) {
  current = thread;
  threadIdx = {static_cast<unsigned>(thread), 0, 0};
  if (_setjmp(yielded)) {
    return;
  }
  Fiber& fiber = fibers[thread];
  if (fiber.started) {
    _longjmp(fiber.resume, 1);
  }
  fiber.started = true;
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack.data();
  fiber.context.uc_stack.ss_size = fiber.stack.size();
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, fiberMain, 0);
  setcontext(&fiber.context);
}

[[maybe_unused]] std::string order = "up";
uint64_t chance = 1;

/** 0 to n - 1 in the chosen order. */
const std::vector<int>& arranged(int n) {
  static std::map<int, std::vector<int>> known;
  std::vector<int>& places = known[n];
  if (!places.empty() && order != "shuffled") {
    return places;
  }
  places.resize(n);
  for (int i = 0; i < n; i++) {
    places[i] = order == "down" ? n - 1 - i : i;
  }
  for (int i = n - 1; order == "shuffled" && i > 0; i--) {
    chance = chance * 6364136223846793005ULL + 1442695040888963407ULL;
    std::swap(places[i], places[(chance >> 33) % (i + 1)]);
  }
  return places;
}

void runBlock() {
  for (Fiber& fiber : fibers) {
    fiber.done = false;
  }
  for (bool running = true; running;) {
    int done = 0;
    for (int thread : arranged(THREADS)) {
      resume(thread);
      done += fibers[thread].done;
    }
    if (done != 0 && done != THREADS) {
      fail("some threads of a block ended while others wait at a barrier");
    }
    running = done == 0;
  }
}

void launch(const std::string& name, int x, int y, int z) {
  auto found = KERNELS.find(name);
  if (found == KERNELS.end()) {
    fail("no kernel " + name);
  }
  if (x < 1 || y < 1 || z < 1 || y > 65535 || z > 65535) {
    fail("no such grid for " + name);
  }
  kernel = found->second;
  gridDim = {static_cast<unsigned>(x), static_cast<unsigned>(y), static_cast<unsigned>(z)};
  for (int block : arranged(x * y * z)) {
    blockIdx = {static_cast<unsigned>(block % x), static_cast<unsigned>(block / x % y),
                static_cast<unsigned>(block / x / y)};
    runBlock();
  }
}

// ---- memory

struct Mapping {
  void* at;
  size_t size;
};

std::map<uint64_t, Mapping> mappings;

uint64_t allocate(size_t size) {
  size_t page = sysconf(_SC_PAGESIZE);
  size_t payload = (size + 15) / 16 * 16;
  size_t room = (payload + page - 1) / page * page;
  char* at = static_cast<char*>(
      mmap(nullptr, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (at == MAP_FAILED) {
    fail("no memory left");
  }
  mprotect(at + room, page, PROT_NONE);
  memset(at, 0xff, room);
  uint64_t address = reinterpret_cast<uint64_t>(at + room - payload);
  mappings[address] = {at, room + page};
  return address;
}

void release(uint64_t address) {
  auto found = mappings.find(address);
  if (found == mappings.end()) {
    fail("freed what was not allocated");
  }
  munmap(found->second.at, found->second.size);
  mappings.erase(found);
}

}  // namespace

void __syncthreads() { yield(); }

// A device without a device: runs the kernels of batm.cu and answers a host over standard input and
// output (EmulatedDevice). Numbers are little-endian. Memory starts as NaN and ends at a guard page, so
// that a read or write past an allocation kills the process.
//
//   A size                    -> address      allocate
//   F address                                 free
//   U address size bytes                      upload
//   D address size            -> bytes        download
//   L name x y z architecture items a b       launch
//
// Usage: emulator ORDER, the order of threads and blocks: up | down | shuffled.
#include "emulation_core.h"

namespace {

// ---- conversation

void readAll(void* to, size_t size) {
  if (size != 0 && fread(to, 1, size, stdin) != size) {
    exit(0);
  }
}

template <class T>
T next() {
  T value;
  readAll(&value, sizeof value);
  return value;
}

void answer(const void* from, size_t size) {
  fwrite(from, 1, size, stdout);
  fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    order = argv[1];
  }
  for (;;) {
    char command;
    readAll(&command, 1);
    if (command == 'A') {
      uint64_t address = allocate(next<int64_t>());
      answer(&address, sizeof address);
    } else if (command == 'F') {
      release(next<int64_t>());
    } else if (command == 'U') {
      char* to = reinterpret_cast<char*>(next<int64_t>());
      readAll(to, next<int64_t>());
    } else if (command == 'D') {
      char* from = reinterpret_cast<char*>(next<int64_t>());
      answer(from, next<int64_t>());
    } else if (command == 'L') {
      std::string name(next<int32_t>(), ' ');
      readAll(&name[0], name.size());
      int x = next<int32_t>();
      int y = next<int32_t>();
      int z = next<int32_t>();
      architecture = reinterpret_cast<const Architecture*>(next<int64_t>());
      items = reinterpret_cast<const void*>(next<int64_t>());
      argumentA = next<int32_t>();
      argumentB = next<int32_t>();
      launch(name, x, y, z);
    } else {
      fail("unknown command");
    }
  }
}

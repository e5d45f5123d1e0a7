// What a fork costs that does nothing else: argv[1] megabytes, touched, in mappings of 256 KB as
// V8's pages are, forked argv[2] times. Prints the median in milliseconds.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kMapping = 256 << 10, kPage = 4096 };

static double NowMs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int Compare(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

int main(int count, char** words) {
  if (count != 3) return 2;
  const long mappings = atol(words[1]) * (1 << 20) / kMapping;
  const int forks = atoi(words[2]);
  for (long i = 0; i < mappings; ++i) {
    // The page behind it keeps it from becoming one with the next.
    char* memory =
        mmap(NULL, kMapping + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory + kMapping, kPage, PROT_NONE) != 0) return 1;
    for (long at = 0; at < kMapping; at += kPage) memory[at] = 1;
  }
  double* times = malloc(sizeof(double) * (size_t)forks);
  if (times == NULL) return 1;
  for (int i = 0; i < forks; ++i) {
    const double start = NowMs();
    const pid_t child = fork();
    if (child == 0) _exit(0);
    if (child < 0) return 1;
    times[i] = NowMs() - start;
    waitpid(child, NULL, 0);
  }
  qsort(times, (size_t)forks, sizeof(double), Compare);
  printf("%f\n", times[forks / 2]);
  return 0;
}

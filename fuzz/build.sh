#!/bin/sh
# Builds the fuzz targets, with clang under both sanitizers, and the check of the dominators into
# build/fuzz. On Debian: apt-get install clang libclang-rt-14-dev.
#
#   fuzz/build.sh
#   mkdir -p build/fuzz/found && build/fuzz/snapshot_reader -max_total_time=600 build/fuzz/found fuzz/corpus
#   build/fuzz/dominators_check
set -e
cd "$(dirname "$0")/.."
out=build/fuzz
mkdir -p "$out"
sources="native/graph/*.cc native/base/mapped_file.cc native/base/output_file.cc
  native/base/process_facts.cc
  native/capture/json.cc native/capture/snapshot_meta.cc native/capture/snapshot_reader.cc
  native/capture/snapshot_strings.cc"
flags="-std=c++20 -g -Inative -Wall -Wextra -Werror"
sanitizers="-O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
for target in snapshot_reader open_graph; do
  ${CLANGXX:-clang++} $flags $sanitizers -fsanitize=fuzzer "fuzz/${target}_fuzzer.cc" $sources \
    -o "$out/$target"
done
${CXX:-c++} $flags -O2 fuzz/dominators_check.cc $sources -o "$out/dominators_check"

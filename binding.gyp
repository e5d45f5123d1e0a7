{
  "variables": { "heapscope_asan%": 0 },
  "targets": [
    {
      "target_name": "heapscope",
      "sources": [
        "native/addon.cc",
        "native/delivery.cc",
        "native/environment.cc",
        "native/threads.cc",
        "native/bindings/gc.cc",
        "native/bindings/graph_analyses.cc",
        "native/bindings/graph_filling.cc",
        "native/bindings/graph_queries.cc",
        "native/bindings/graph_values.cc",
        "native/bindings/job.cc",
        "native/bindings/tracking.cc",
        "native/bindings/twin.cc",
        "native/bindings/weakref.cc",
        "native/base/library_pin.cc",
        "native/base/mapped_file.cc",
        "native/base/output_file.cc",
        "native/base/pages.cc",
        "native/base/process_facts.cc",
        "native/base/readable.cc",
        "native/capture/census.cc",
        "native/capture/heap_capture.cc",
        "native/capture/json.cc",
        "native/capture/names.cc",
        "native/capture/read_file.cc",
        "native/capture/row_feeder.cc",
        "native/capture/snapshot_meta.cc",
        "native/capture/snapshot_reader.cc",
        "native/capture/snapshot_strings.cc",
        "native/capture/snapshot_writer.cc",
        "native/capture/taken_snapshot_reader.cc",
        "native/gc/collections.cc",
        "native/gc/gc_function.cc",
        "native/graph/analysis.cc",
        "native/graph/builder.cc",
        "native/graph/classes.cc",
        "native/graph/cycles.cc",
        "native/graph/depth_first.cc",
        "native/graph/detachedness.cc",
        "native/graph/diff.cc",
        "native/graph/dominators.cc",
        "native/graph/drop_edges.cc",
        "native/graph/essential.cc",
        "native/graph/graph.cc",
        "native/graph/interfaces.cc",
        "native/graph/paths.cc",
        "native/graph/ref_count.cc",
        "native/graph/referrers.cc",
        "native/graph/shallow_sizes.cc",
        "native/graph/storage.cc",
        "native/graph/suspects.cc",
        "native/graph/text.cc",
        "native/tracking/sampling.cc",
        "native/tracking/tracked_class.cc",
        "native/tracking/tracker.cc",
        "native/weakref/cells.cc",
        "native/weakref/link_table.cc",
        "native/weakref/weak_references.cc"
      ],
      "include_dirs": ["native"],
      "defines": ["NAPI_VERSION=8", "NAPI_DISABLE_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "cflags": ["-fvisibility=hidden"],
      # The graph's readers and algorithms give up by exception; none leaves the addon.
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++14", "-fno-exceptions"],
      "cflags_cc": [
        "-std=gnu++20",
        "-Wall",
        "-Wextra",
        "-Werror",
        # As system headers, so that their own warnings do not stop our build.
        "-isystem<(node_root_dir)/include/node",
        "-isystem<!(node -p \"require('path').dirname(require.resolve('node-addon-api/package.json'))\")"
      ],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "gnu++20",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "MACOSX_DEPLOYMENT_TARGET": "11.0"
      },
      "msvs_settings": { "VCCLCompilerTool": { "ExceptionHandling": 1, "AdditionalOptions": ["/std:c++20"] } },
      "conditions": [
        ["OS=='linux'", {
          "sources": [
            "native/bindings/heap_limit.cc",
            "native/bindings/twin_wait.cc",
            "native/capture/abort_hold.cc",
            "native/capture/graph_saver.cc",
            "native/capture/near_limit.cc",
            "native/capture/twin_capture.cc",
            "native/twin/harmless.cc",
            "native/twin/memory_map.cc",
            "native/twin/parking.cc",
            "native/twin/spill.cc",
            "native/twin/twin.cc",
            "native/twin/watch.cc",
            "native/twin/whole_fork.cc"
          ]
        }],
        ["OS!='linux'", {
          "include_dirs": ["<!(node -p \"require('path').dirname(require.resolve('node-addon-api/package.json'))\")"]
        }],
        ["heapscope_asan==1", {
          "cflags": ["-fsanitize=address", "-fno-omit-frame-pointer", "-g"],
          "cflags_cc!": ["-O3"],
          "cflags!": ["-O3"],
          "cflags_cc": ["-O1"],
          "ldflags": ["-fsanitize=address"]
        }]
      ]
    }
  ]
}

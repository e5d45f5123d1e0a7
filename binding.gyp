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
        "native/bindings/tracking.cc",
        "native/base/library_pin.cc",
        "native/base/process_facts.cc",
        "native/gc/collections.cc",
        "native/tracking/tracked_class.cc",
        "native/tracking/tracker.cc"
      ],
      "include_dirs": ["native"],
      "defines": ["NAPI_VERSION=8", "NAPI_DISABLE_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "cflags": ["-fvisibility=hidden"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++14"],
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
        "MACOSX_DEPLOYMENT_TARGET": "11.0"
      },
      "msvs_settings": { "VCCLCompilerTool": { "AdditionalOptions": ["/std:c++20"] } },
      "conditions": [
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

// What another inference library must show to be measured beside ours. Each lies in a module of its own that
// is opened at run time: a missing library leaves its row out, and a fresh process loads the one it measures
// and no other.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace inkfield::bench {

enum class Precision { float32, int8 };

struct PeerSetup {
  std::string path;  ///< ONNX file
  int height = 0, width = 0, batch = 1;
  Precision precision = Precision::float32;
  /// Inputs to take the ranges of activations from, [images][height][width]; int8 only.
  std::span<const float> sample = {};
};

class Peer {
 public:
  virtual ~Peer() = default;
  /// [batch][height][width] to [batch][classes][frames]. On one thread.
  virtual void run(const float* input, std::vector<float>& scores) = 0;
};

struct PeerLibrary {
  std::string name;
  std::string version;
  bool has_int8 = false;
  /// Throws std::exception where the library cannot run the network.
  Peer* (*make)(const PeerSetup& setup) = nullptr;
  /// Multiply-adds a second of a large matrix product, to hold the peak against; null where there is none.
  double (*matrix_product_rate)() = nullptr;
};

inline constexpr char kPeerEntry[] = "inkfield_bench_peer";
using PeerEntry = const PeerLibrary* (*)();

}  // namespace inkfield::bench

/// Defined by each module under this name.
extern "C" __attribute__((visibility("default"))) const inkfield::bench::PeerLibrary* inkfield_bench_peer();

// A peer's module is opened by its name, beside this program.
#include "tests/bench/opened_peers.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "tests/bench/timing.h"

namespace inkfield::bench {
namespace {

namespace fs = std::filesystem;

class InPieces : public Peer {
 public:
  InPieces(std::unique_ptr<Peer> peer, const PeerSetup& setup, int pieces)
      : peer_(std::move(peer)), step_(setup.batch * setup.height * setup.width), pieces_(pieces) {}

  void run(const float* input, std::vector<float>& scores) override {
    scores.clear();
    for (int i = 0; i < pieces_; ++i) {
      peer_->run(input + static_cast<std::ptrdiff_t>(i) * step_, piece_);
      scores.insert(scores.end(), piece_.begin(), piece_.end());
    }
  }

 private:
  std::unique_ptr<Peer> peer_;
  std::ptrdiff_t step_;
  int pieces_;
  std::vector<float> piece_;
};

}  // namespace

const PeerLibrary* open_peer(const std::string& name) {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  void* module = dlopen((folder / ("inkfield-bench-" + name + ".so")).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) return nullptr;
  void* entry = dlsym(module, kPeerEntry);
  if (entry == nullptr) return nullptr;
  PeerEntry call = nullptr;
  std::memcpy(&call, &entry, sizeof call);
  return call();
}

std::unique_ptr<Peer> fastest_in_pieces(const PeerLibrary& library, PeerSetup setup, const float* input) {
  std::unique_ptr<Peer> best;
  double least = 1e9;
  const int whole = setup.batch;
  for (const int piece : {whole, 16, 4, 1}) {
    if (piece > whole || whole % piece != 0 || (piece == whole && best != nullptr)) continue;
    setup.batch = piece;
    std::unique_ptr<Peer> peer(library.make(setup));
    if (piece != whole) peer = std::make_unique<InPieces>(std::move(peer), setup, whole / piece);
    std::vector<float> scores;
    double seconds = 1e9;
    for (int i = 0; i < 4; ++i) {
      const auto start = Clock::now();
      peer->run(input, scores);
      seconds = std::min(seconds, seconds_since(start));
    }
    if (seconds < least) {
      least = seconds;
      best = std::move(peer);
    }
  }
  return best;
}

}  // namespace inkfield::bench

// Peers as they are found on this machine, each in the way that suits it best.
#pragma once

#include <memory>
#include <string>

#include "tests/bench/peer.h"

namespace inkfield::bench {

inline constexpr const char* kPeers[] = {"opencv", "onednn", "torch"};

/// A module beside this program; nothing if it was not built or its library is not installed.
const PeerLibrary* open_peer(const std::string& name);

/// A batch may be faster in pieces, whose activations stay in the cache: a peer is measured in the way that
/// suits it best.
std::unique_ptr<Peer> fastest_in_pieces(const PeerLibrary& library, PeerSetup setup, const float* input);

}  // namespace inkfield::bench

// What a library and a network cost from nothing: time and memory to the first digit, each in a process of
// its own.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/bench/speed_race.h"

namespace inkfield::bench {

/// The word that makes this program such a child: --first-digit LIBRARY FILE HEIGHT WIDTH.
inline constexpr const char* kFirstDigitWord = "--first-digit";

/// In the child: loads the library, loads the network, reads one digit, says what each took.
int first_digit(const std::string& name, const NetworkFile& file);

void measure_fresh_processes(int rounds, const std::vector<const PeerLibrary*>& peers,
                             const std::vector<NetworkFile>& files, const std::set<std::string>& left_out,
                             Json& report);

}  // namespace inkfield::bench

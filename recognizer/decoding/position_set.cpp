// Sets of positions as the keys of a machine.
#include "recognizer/decoding/position_set.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace inkfield::recognizer::automata {

using Key = AutomatonBuilder::Key;

void PositionSet::add(const std::vector<Item>& items) {
  const int first = static_cast<int>(positions_.size());
  const int count = static_cast<int>(items.size());
  // What may come at `from`: that item, and the next ones as long as items may be left out.
  const auto reach = [&](int from, std::vector<int>& into, bool& end) {
    int i = from;
    for (; i < count; ++i) {
      into.push_back(first + i);
      if (!items[static_cast<std::size_t>(i)].optional) return;
    }
    end = true;
  };
  reach(0, start_.following, start_.may_end);
  for (int i = 0; i < count; ++i) {
    Position position{
        .symbols = items[static_cast<std::size_t>(i)].symbols, .following = {}, .may_end = false};
    reach(i + 1, position.following, position.may_end);
    positions_.push_back(std::move(position));
  }
}

Automaton PositionSet::build() const {
  // A key: the sorted positions that may come next, preceded by whether the string may end here.
  const auto key_of = [](std::vector<int> following, bool may_end) {
    std::sort(following.begin(), following.end());
    following.erase(std::unique(following.begin(), following.end()), following.end());
    Key key{may_end ? 1 : 0};
    key.insert(key.end(), following.begin(), following.end());
    return key;
  };
  return AutomatonBuilder::explore(
      key_of(start_.following, start_.may_end),
      [&](const Key& key, int symbol) -> std::optional<Key> {
        std::vector<int> following;
        bool may_end = false;
        bool any = false;
        for (std::size_t i = 1; i < key.size(); ++i) {
          const auto& position = positions_[static_cast<std::size_t>(key[i])];
          if ((position.symbols >> static_cast<unsigned>(symbol) & 1U) == 0) continue;
          any = true;
          may_end = may_end || position.may_end;
          following.insert(following.end(), position.following.begin(), position.following.end());
        }
        if (!any) return std::nullopt;
        return key_of(std::move(following), may_end);
      },
      [](const Key& key) { return key[0] != 0; });
}

Items run_of(Mask symbols, int least, int most) {
  Items items;
  for (int i = 0; i < most; ++i) items.push_back({.symbols = symbols, .optional = i >= least});
  return items;
}

}  // namespace inkfield::recognizer::automata

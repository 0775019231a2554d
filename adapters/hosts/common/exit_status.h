// The exit statuses that scripts rely on, in one place: the gravest thing that happened decides.
#pragma once

#include "adapters/hosts/common/page_reading.h"

namespace inkfield::hosts {

inline constexpr int kExitDone = 0;
inline constexpr int kExitUnreadable = 1;    ///< a page could not be read, or the results could not be written
inline constexpr int kExitUsage = 2;         ///< wrong usage or configuration
inline constexpr int kExitNeedsPerson = 3;   ///< a field in review, an unknown form

/// Gathers what happened to pages into one exit status.
class ExitStatus {
 public:
  void note(Outcome outcome) {
    if (outcome == Outcome::misconfigured) misconfigured_ = true;
    if (outcome == Outcome::unreadable) unreadable_ = true;
    if (outcome == Outcome::needs_person) needs_person_ = true;
  }
  [[nodiscard]] int value() const {
    if (misconfigured_) return kExitUsage;
    if (unreadable_) return kExitUnreadable;
    return needs_person_ ? kExitNeedsPerson : kExitDone;
  }

 private:
  bool misconfigured_ = false;
  bool unreadable_ = false;
  bool needs_person_ = false;
};

}  // namespace inkfield::hosts

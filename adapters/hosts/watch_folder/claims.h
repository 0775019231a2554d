// Who works on which document. A document is claimed by one rename, into
//
//   WATCHED/.inkfieldd/OWNER/DOCUMENT_ID/NAME
//
// so of two services on one share only one gets it. The claim says by its place who owns it and which id it keeps for good; the owner
// touches OWNER/heartbeat, and claims of an owner whose heartbeat has stood still for the lease are moved to another, ids and all.
// Time is this service's own: the share's clock, or one set back, does not matter.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace inkfield::watch_folder {

using Clock = std::chrono::steady_clock;

struct Claim {
  std::string id;               ///< of the document, 32 hexadecimal digits
  std::filesystem::path place;  ///< the claim's own folder
  std::string name;             ///< as found in the watched folder, with its subfolder if it lay in one; "" if it has been filed already

  [[nodiscard]] std::filesystem::path document() const { return place / name; }
  /// What was read, from the end of reading until the document is filed.
  [[nodiscard]] std::filesystem::path outcome() const { return place / ".outcome"; }
  /// Pictures of the fields that need a person, until they are filed with the document.
  [[nodiscard]] std::filesystem::path pictures() const { return place / ".pictures"; }
  [[nodiscard]] std::string file_name() const { return std::filesystem::path(name).filename(); }
  [[nodiscard]] std::string subfolder() const { return std::filesystem::path(name).parent_path(); }
  bool operator==(const Claim&) const = default;
};

/// The claims in one watched folder. Any thread.
class Claims {
 public:
  Claims(std::filesystem::path watch, std::string owner, std::chrono::milliseconds lease);

  /// Moves `name` into a claim of ours. Nothing if it is gone. Throws std::system_error if it cannot be moved.
  std::optional<Claim> claim(const std::string& name);
  /// All claims of ours that are there, also those of an earlier run. Throws std::system_error.
  [[nodiscard]] std::vector<Claim> own() const;
  /// Whether the claim is still ours and its document still in it.
  [[nodiscard]] static bool holds(const Claim& claim);
  /// Removes what a finished claim leaves.
  static void finish(const Claim& claim);

  /// Shows that this service lives. Throws std::system_error.
  void beat();
  /// Takes over what owners leave who have been silent for the lease, as seen by calls of this.
  std::vector<Claim> adopt(Clock::time_point now);

 private:
  struct Heartbeat {
    std::int64_t touched_ns = 0;
    Clock::time_point since{};
  };
  [[nodiscard]] std::filesystem::path own_place() const { return working_ / owner_; }
  void make_own_place() const;

  std::filesystem::path watch_;
  std::filesystem::path working_;
  std::string owner_;
  std::chrono::milliseconds lease_;
  std::mutex mutex_;  // of others_
  std::map<std::string, Heartbeat> others_;
};

/// 32 random hexadecimal digits.
std::string random_id();

}  // namespace inkfield::watch_folder

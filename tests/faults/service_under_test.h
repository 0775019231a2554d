// The service `inkfieldd` with the stand-in plugin, in a scratch folder: dropped documents, what came out, and its claims and workers.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "tests/blackbox/program_run.h"

namespace inkfield::tests {

class ServiceUnderTest {
 public:
  /// `more` are further lines of the configuration.
  explicit ServiceUnderTest(const std::string& more = "");

  [[nodiscard]] const std::filesystem::path& path() const { return scratch_.path(); }
  [[nodiscard]] const Scratch& scratch() const { return scratch_; }
  /// `state` tells services on the same folder apart.
  [[nodiscard]] std::vector<std::string> command(const std::string& state = "state", const std::vector<std::string>& more = {}) const;
  [[nodiscard]] Finished once() const { return run(command("state", {"--once"}), environment); }
  /// A document of the stand-in, put into the folder whole.
  void drop(const std::string& name, const std::string& pages) const;

  /// File names in a folder of the output, those that end in `ending` and with that removed; hidden ones left out.
  [[nodiscard]] std::vector<std::string> filed(const std::string& folder, const std::string& ending = ".json") const;
  /// How often each document's result lies in done/, review/ and failed/, by the name it was dropped under.
  [[nodiscard]] std::map<std::string, int> results() const;
  /// Claims in the watched folder, as OWNER/ID/NAME.
  [[nodiscard]] std::vector<std::string> claims() const;
  [[nodiscard]] bool wait_for_results(std::size_t count, int milliseconds) const;

  Environment environment;

 private:
  Scratch scratch_;
  std::string more_;
};

/// Processes whose parent is `parent`.
std::vector<pid_t> children_of(pid_t parent);

}  // namespace inkfield::tests

// What is not given gets its default, and folders are held against each other: documents must not go in circles.
#include <Poco/Environment.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "adapters/hosts/common/program_files.h"
#include "adapters/hosts/watch_folder/settings.h"

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

namespace {

/// With links resolved as far as the path exists.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  const fs::path result = fs::weakly_canonical(fs::absolute(path), error);
  return error ? fs::absolute(path).lexically_normal() : result;
}

/// Whether `path` is `folder` or lies in it.
bool lies_in(const fs::path& path, const fs::path& folder) {
  const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

/// A service's own place; two configurations get two.
fs::path default_state(const Settings& settings) {
  const std::string by_systemd = Poco::Environment::get("STATE_DIRECTORY", "");
  if (!by_systemd.empty()) return by_systemd.substr(0, by_systemd.find(':'));
  const std::string home = Poco::Environment::get("HOME", "/root");
  const fs::path base = Poco::Environment::get("XDG_STATE_HOME", home + "/.local/state");
  const fs::path named_for = settings.file.empty() ? settings.folders.front().watch : settings.file;
  const std::string stem = settings.file.empty() ? named_for.filename().string() : named_for.stem().string();
  // FNV-1a: the same on every machine and in every version.
  std::uint32_t hash = 2166136261u;
  for (const char c : named_for.string()) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return base / "inkfieldd" / (stem + '-' + std::to_string(hash));
}

std::string text_of(Subfolders subfolders) {
  return subfolders == Subfolders::batch ? "batch" : subfolders == Subfolders::form ? "form" : "ignore";
}

}  // namespace

void complete(Settings& settings) {
  if (settings.folders.empty()) throw SettingsError("no folder to watch");
  for (FolderSettings& folder : settings.folders) {
    std::error_code error;
    if (!fs::is_directory(folder.watch, error)) throw SettingsError(folder.watch.string() + ": is no folder");
    folder.watch = fs::canonical(folder.watch, error);
    if (error) throw SettingsError(folder.watch.string() + ": " + error.message());
    if (folder.output.empty()) folder.output = folder.watch.string() + ".out";
    folder.output = resolved(folder.output);
    if (folder.templates.empty()) {
      const fs::path shipped = hosts::shipped_templates();
      if (shipped.empty()) throw SettingsError(folder.watch.string() + ": no form templates are given for this folder");
      folder.templates.push_back(shipped);
    }
  }
  if (settings.workers == 0) settings.workers = std::clamp(static_cast<std::int64_t>(std::thread::hardware_concurrency()), std::int64_t{1}, std::int64_t{4});
  settings.state = resolved(settings.state.empty() ? default_state(settings) : settings.state);
  for (const FolderSettings& watched : settings.folders) {
    for (const fs::path& file : {settings.log, settings.audit}) {
      if (!file.empty() && lies_in(resolved(file), watched.watch)) {
        throw SettingsError(file.string() + ": lies in the watched folder " + watched.watch.string());
      }
    }
    if (lies_in(settings.state, watched.watch)) {
      throw SettingsError(settings.state.string() + ": the state folder lies in the watched folder " + watched.watch.string() + "; give another (key state)");
    }
    for (const FolderSettings& other : settings.folders) {
      if (&watched != &other && watched.watch == other.watch) throw SettingsError(watched.watch.string() + ": is watched twice");
      if (&watched != &other && lies_in(other.watch, watched.watch)) {
        throw SettingsError(other.watch.string() + ": lies in " + watched.watch.string() + ", which is watched, too");
      }
      if (lies_in(other.output, watched.watch)) {
        throw SettingsError(other.output.string() + ": this output lies in the watched folder " + watched.watch.string() +
                            ": documents would go in circles; beside it is " + watched.watch.string() + ".out");
      }
      for (const char* word : {"done", "review", "failed", "duplicate"}) {
        if (lies_in(watched.watch, other.folder_for(word))) {
          throw SettingsError(watched.watch.string() + ": is watched and lies in the output " + other.folder_for(word).string() + ": documents would go in circles");
        }
      }
    }
  }
}

void make_folders(const Settings& settings) {
  std::error_code error;
  const auto make = [&](const fs::path& path) {
    fs::create_directories(path, error);
    if (error) throw SettingsError(path.string() + ": cannot be made: " + error.message());
  };
  make(settings.state);
  for (const FolderSettings& folder : settings.folders) {
    make(folder.working());
    for (const char* word : {"done", "review", "failed", "duplicate"}) make(folder.folder_for(word));
  }
}

std::vector<ExplainedSetting> explained(const Settings& settings) {
  std::vector<ExplainedSetting> all;
  const auto add = [&](const std::string& key, const std::string& value) {
    const auto origin = settings.origins.find(key);
    all.push_back({key, value, origin == settings.origins.end() ? "default" : origin->second});
  };
  const auto ms = [](std::chrono::milliseconds time) { return std::to_string(time.count()); };
  add("settle_ms", ms(settings.settle));
  add("poll_ms", ms(settings.poll));
  add("lease_ms", ms(settings.lease));
  add("retry_ms", ms(settings.retry));
  add("page_seconds", std::to_string(std::chrono::duration_cast<std::chrono::seconds>(settings.page).count()));
  add("workers", std::to_string(settings.workers));
  add("worker_pages", std::to_string(settings.worker_pages));
  add("worker_memory_mb", std::to_string(settings.worker_memory_mb));
  add("journal_days", std::to_string(settings.journal_days));
  add("status_port", std::to_string(settings.status_port));
  add("log", settings.log);
  add("audit", settings.audit);
  add("state", settings.state);
  add("model", settings.model.empty() ? "open" : settings.model);
  add("precision", settings.precision.empty() ? "fastest" : settings.precision);
  add("tessdata", settings.tessdata);
  add("languages", settings.languages);
  for (const FolderSettings& folder : settings.folders) {
    const std::string section = "folder." + folder.name + '.';
    add(section + "watch", folder.watch);
    std::string templates;
    for (const std::string& path : folder.templates) templates += (templates.empty() ? "" : "; ") + path;
    add(section + "templates", templates);
    add(section + "output", folder.output);
    add(section + "form", folder.form);
    add(section + "duplicates", folder.mark_duplicates ? "mark" : "read");
    add(section + "marker", folder.marker);
    add(section + "subfolders", text_of(folder.subfolders));
    add(section + "separator.form", folder.separator_form);
    add(section + "separator.label_field", folder.separator_label_field);
    add(section + "review_pictures", folder.review_pictures ? "yes" : "no");
    add(section + "pdf.pages", std::to_string(folder.pdf.most_pages));
    add(section + "pdf.dpi", std::to_string(folder.pdf.dpi));
    add(section + "pdf.seconds", std::to_string(folder.pdf.time_limit.count()));
    add(section + "pdf.active_content", folder.pdf.active_content ? "ignore" : "refuse");
    add(section + "retention_days", std::to_string(folder.retention_days));
    for (const auto& [key, value] : folder.outputs) add(section + key, key.find("connection") == std::string::npos ? value : "(not shown)");
  }
  return all;
}

}  // namespace inkfield::watch_folder

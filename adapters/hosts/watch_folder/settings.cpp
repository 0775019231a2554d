// The file is Poco's property format: `key = value`, # begins a remark, \ at a line's end continues it.
#include "adapters/hosts/watch_folder/settings.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/NumberParser.h>
#include <Poco/StringTokenizer.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

#include "adapters/hosts/common/precision.h"

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

namespace {

using Configuration = Poco::Util::PropertyFileConfiguration;

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;

constexpr std::array<std::string_view, 17> kKeys = {"settle_ms", "poll_ms",     "lease_ms", "retry_ms",  "page_seconds", "workers",   "worker_pages",
                                                    "worker_memory_mb", "journal_days", "status_port", "log", "audit", "state", "model", "precision", "tessdata", "languages"};
constexpr std::array<std::string_view, 12> kFolderKeys = {"watch",  "templates",  "output",    "form",           "duplicates",
                                                          "marker", "subfolders", "separator", "retention_days", "review_pictures", "pdf", "outputs"};
constexpr std::array<std::string_view, 4> kPdfKeys = {"pages", "dpi", "seconds", "active_content"};
/// First words of the keys of outputs; what follows is checked by the output itself.
constexpr std::array<std::string_view, 5> kOutputKeys = {"outputs", "csv", "sqlite", "postgresql", "command"};

/// Letters to change, add or remove to make `a` of `b`.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = above;
    }
  }
  return row[b.size()];
}

template <class Keys>
std::string nearest(const Keys& keys, const std::string& key) {
  const auto best = std::min_element(keys.begin(), keys.end(), [&](auto a, auto b) { return distance(key, a) < distance(key, b); });
  std::string text = distance(key, *best) <= 3 ? "; did you mean " + std::string(*best) + "? There are" : "; there are";
  for (const std::string_view known : keys) text += (known == keys.front() ? " " : ", ") + std::string(known);
  return text;
}

std::string absolute_to(const fs::path& base, const std::string& path) { return path.empty() ? path : (base / path).lexically_normal().string(); }

/// One configuration file being read.
class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file), base_(fs::absolute(file).parent_path()) {
    try {
      configuration_ = new Configuration(file);
    } catch (const Poco::Exception& error) {
      throw SettingsError(file + ": cannot be read: " + error.displayText());
    }
    settings_.file = fs::absolute(file);
  }

  Settings read() {
    Configuration::Keys keys;
    configuration_->keys(keys);
    for (const std::string& key : keys) {
      if (key == "folder") {
        read_folders();
      } else {
        set(key, configuration_->getRawString(key, ""));
      }
    }
    if (settings_.folders.empty()) throw SettingsError(file_ + ": no folder to watch: write folder.NAME.watch = ...");
    return std::move(settings_);
  }

 private:
  [[noreturn]] void refuse(const std::string& key, const std::string& value, const std::string& why) const {
    throw SettingsError(file_ + ": " + key + " = " + value + why);
  }

  std::int64_t number(const std::string& key, const std::string& value, std::int64_t least, std::int64_t most, const std::string& what) const {
    Poco::Int64 number = 0;
    if (!Poco::NumberParser::tryParse64(value, number) || number < least || number > most) {
      refuse(key, value, " is no whole number of " + what + " from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return number;
  }

  void set(const std::string& key, const std::string& value) {
    const auto milliseconds = [&](std::int64_t least) { return std::chrono::milliseconds(number(key, value, least, kDayMs, "milliseconds")); };
    if (key == "settle_ms") {
      settings_.settle = milliseconds(0);
    } else if (key == "poll_ms") {
      settings_.poll = milliseconds(10);
    } else if (key == "lease_ms") {
      settings_.lease = milliseconds(1000);
    } else if (key == "retry_ms") {
      settings_.retry = milliseconds(10);
    } else if (key == "page_seconds") {
      settings_.page = std::chrono::seconds(number(key, value, 1, 24 * 60 * 60, "seconds"));
    } else if (key == "workers") {
      settings_.workers = number(key, value, 0, 256, "processes");
    } else if (key == "worker_pages") {
      settings_.worker_pages = number(key, value, 0, 1'000'000'000, "pages");
    } else if (key == "worker_memory_mb") {
      settings_.worker_memory_mb = number(key, value, 0, 1 << 20, "megabytes");
    } else if (key == "journal_days") {
      settings_.journal_days = number(key, value, 1, 100'000, "days");
    } else if (key == "status_port") {
      settings_.status_port = number(key, value, 0, 65535, "a port");
    } else if (key == "log") {
      settings_.log = absolute_to(base_, value);
    } else if (key == "audit") {
      settings_.audit = absolute_to(base_, value);
    } else if (key == "state") {
      settings_.state = absolute_to(base_, value);
    } else if (key == "model") {
      settings_.model = value.find('/') != std::string::npos || value.ends_with(".onnx") ? absolute_to(base_, value) : value;
    } else if (key == "precision") {
      if (!hosts::precision_named(value)) refuse(key, value, std::string(": ") + hosts::kPrecisionWords);
      settings_.precision = value;
    } else if (key == "tessdata") {
      settings_.tessdata = absolute_to(base_, value);
    } else if (key == "languages") {
      settings_.languages = value;
    } else {
      throw SettingsError(file_ + ": unknown key " + key + nearest(kKeys, key) + " and folder.NAME.*");
    }
    settings_.origins[key] = file_;
  }

  void read_folders() {
    Configuration::Keys names;
    configuration_->keys("folder", names);
    if (names.empty()) throw SettingsError(file_ + ": unknown key folder; write folder.NAME.watch = ...");
    for (const std::string& name : names) {
      FolderSettings folder;
      folder.name = name;
      const std::string section = "folder." + name;
      Configuration::Keys keys;
      configuration_->keys(section, keys);
      for (const std::string& key : keys) set(folder, section, key);
      if (folder.watch.empty()) throw SettingsError(file_ + ": " + section + ".watch is missing: which folder is it?");
      settings_.folders.push_back(std::move(folder));
    }
  }

  void set(FolderSettings& folder, const std::string& section, const std::string& key) {
    const std::string full = section + '.' + key;
    const std::string value = configuration_->getRawString(full, "");
    if (key == "watch") {
      folder.watch = absolute_to(base_, value);
    } else if (key == "output") {
      folder.output = absolute_to(base_, value);
    } else if (key == "form") {
      folder.form = value;
    } else if (key == "templates") {
      const Poco::StringTokenizer parts(value, ";", Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
      for (const std::string& part : parts) folder.templates.push_back(absolute_to(base_, part));
    } else if (key == "duplicates") {
      if (value != "mark" && value != "read") refuse(full, value, ": there are mark and read");
      folder.mark_duplicates = value == "mark";
    } else if (key == "marker") {
      if (!value.empty() && (value.front() != '.' || value.size() > 20 || value.find('/') != std::string::npos)) {
        refuse(full, value, ": expected a file name's ending such as .done");
      }
      folder.marker = value;
    } else if (key == "subfolders") {
      if (value != "ignore" && value != "batch" && value != "form") refuse(full, value, ": there are ignore, batch and form");
      folder.subfolders = value == "batch" ? Subfolders::batch : value == "form" ? Subfolders::form : Subfolders::ignored;
    } else if (key == "retention_days") {
      folder.retention_days = number(full, value, 0, 100'000, "days");
    } else if (key == "review_pictures") {
      if (value != "yes" && value != "no") refuse(full, value, ": there are yes and no");
      folder.review_pictures = value == "yes";
    } else if (key == "pdf") {
      read_pdf(folder, full);
      return;
    } else if (key == "separator") {
      Configuration::Keys inner;
      configuration_->keys(full, inner);
      for (const std::string& name : inner) {
        const std::string text = configuration_->getRawString(full + '.' + name, "");
        if (name == "form") {
          folder.separator_form = text;
        } else if (name == "label_field") {
          folder.separator_label_field = text;
        } else {
          throw SettingsError(file_ + ": unknown key " + full + '.' + name + "; there are form and label_field");
        }
        settings_.origins[full + '.' + name] = file_;
      }
      return;
    } else if (std::find(kOutputKeys.begin(), kOutputKeys.end(), key) != kOutputKeys.end()) {
      take_all(folder, section, key);
    } else {
      throw SettingsError(file_ + ": unknown key " + full + nearest(kFolderKeys, key) + ", csv.*, sqlite.*, postgresql.*, command.*");
    }
    settings_.origins[full] = file_;
  }

  void read_pdf(FolderSettings& folder, const std::string& section) {
    Configuration::Keys keys;
    configuration_->keys(section, keys);
    if (keys.empty()) throw SettingsError(file_ + ": unknown key " + section + "; write " + section + ".pages = ...");
    for (const std::string& key : keys) {
      const std::string full = section + '.' + key;
      const std::string value = configuration_->getRawString(full, "");
      if (key == "pages") {
        folder.pdf.most_pages = static_cast<int>(number(full, value, 1, 100'000, "pages"));
      } else if (key == "dpi") {
        folder.pdf.dpi = static_cast<int>(number(full, value, 50, 1200, "dots an inch"));
      } else if (key == "seconds") {
        folder.pdf.time_limit = std::chrono::seconds(number(full, value, 1, 24 * 60 * 60, "seconds"));
      } else if (key == "active_content") {
        if (value != "refuse" && value != "ignore") refuse(full, value, ": there are refuse and ignore");
        folder.pdf.active_content = value == "ignore";
      } else {
        throw SettingsError(file_ + ": unknown key " + full + nearest(kPdfKeys, key));
      }
      settings_.origins[full] = file_;
    }
  }

  /// A key of an output and all that begin with it.
  void take_all(FolderSettings& folder, const std::string& section, const std::string& key) {
    const std::string full = section + '.' + key;
    if (configuration_->hasProperty(full)) {
      folder.outputs[key] = configuration_->getRawString(full);
      settings_.origins[full] = file_;
    }
    Configuration::Keys inner;
    configuration_->keys(full, inner);
    for (const std::string& name : inner) take_all(folder, section, key + '.' + name);
  }

  std::string file_;
  fs::path base_;
  Poco::AutoPtr<Configuration> configuration_;
  Settings settings_;
};

}  // namespace

Settings load_settings(const std::string& file) { return Reader(file).read(); }

}  // namespace inkfield::watch_folder

// The file is Poco's property format: `key = value`, # begins a remark, \ at a line's end continues it.
#include "adapters/hosts/watch_folder/settings.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/NumberParser.h>
#include <Poco/StringTokenizer.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <algorithm>
#include <cstdint>

#include "adapters/hosts/common/precision.h"
#include "adapters/hosts/common/program_files.h"

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

namespace {

using Configuration = Poco::Util::PropertyFileConfiguration;

std::chrono::milliseconds milliseconds(const std::string& file, const std::string& key, const std::string& value,
                                       std::int64_t least) {
  constexpr std::int64_t kDay = 24LL * 60 * 60 * 1000;
  Poco::Int64 number = 0;
  if (!Poco::NumberParser::tryParse64(value, number) || number < least || number > kDay) {
    throw SettingsError(file + ": " + key + " = " + value + " is no whole number of milliseconds from " +
                        std::to_string(least) + " to " + std::to_string(kDay));
  }
  return std::chrono::milliseconds(number);
}

std::string absolute_to(const fs::path& base, const std::string& path) {
  return path.empty() ? path : (base / path).lexically_normal().string();
}

void set_folder_key(FolderSettings& folder, const std::string& key, const std::string& value, const fs::path& base,
                    const std::string& complaint) {
  if (key == "watch") {
    folder.watch = absolute_to(base, value);
  } else if (key == "output") {
    folder.output = absolute_to(base, value);
  } else if (key == "form") {
    folder.form = value;
  } else if (key == "templates") {
    const Poco::StringTokenizer parts(value, ";", Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
    for (const std::string& part : parts) folder.templates.push_back(absolute_to(base, part));
  } else {
    throw SettingsError(complaint + "; a folder has watch, output, templates and form");
  }
}

}  // namespace

Settings load_settings(const std::string& file) {
  Settings settings;
  Poco::AutoPtr<Configuration> configuration;
  try {
    configuration = new Configuration(file);
  } catch (const Poco::Exception& error) {
    throw SettingsError(file + ": cannot be read: " + error.displayText());
  }
  const fs::path base = fs::absolute(file).parent_path();
  Configuration::Keys keys;
  configuration->keys(keys);
  for (const std::string& key : keys) {
    const std::string complaint = file + ": unknown key " + key;
    if (key == "folder") {
      Configuration::Keys names;
      configuration->keys(key, names);
      if (names.empty()) throw SettingsError(complaint + "; write folder.NAME.watch = ...");
      for (const std::string& name : names) {
        FolderSettings folder;
        folder.name = name;
        const std::string section = "folder." + name;
        Configuration::Keys folder_keys;
        configuration->keys(section, folder_keys);
        for (const std::string& folder_key : folder_keys) {
          const std::string full = section + '.' + folder_key;
          set_folder_key(folder, folder_key, configuration->getRawString(full, ""), base, file + ": unknown key " + full);
        }
        if (folder.watch.empty()) throw SettingsError(file + ": " + section + ".watch is missing: which folder is it?");
        settings.folders.push_back(std::move(folder));
      }
      continue;
    }
    const std::string value = configuration->getRawString(key, "");
    if (key == "settle_ms") {
      settings.settle = milliseconds(file, key, value, 0);
    } else if (key == "poll_ms") {
      settings.poll = milliseconds(file, key, value, 10);
    } else if (key == "model") {
      settings.model = value.find('/') != std::string::npos || value.ends_with(".onnx") ? absolute_to(base, value) : value;
    } else if (key == "precision") {
      if (hosts::precision_named(value) == 0) {
        throw SettingsError(file + ": " + key + " = " + value + ": there are float32 and int8");
      }
      settings.precision = value;
    } else if (key == "tessdata") {
      settings.tessdata = absolute_to(base, value);
    } else if (key == "languages") {
      settings.languages = value;
    } else {
      throw SettingsError(complaint + "; there are settle_ms, poll_ms, model, precision, tessdata, languages and folder.NAME.*");
    }
  }
  if (settings.folders.empty()) throw SettingsError(file + ": no folder to watch: write folder.NAME.watch = ...");
  return settings;
}

void complete(Settings& settings) {
  if (settings.folders.empty()) throw SettingsError("no folder to watch");
  std::vector<fs::path> watched;
  for (FolderSettings& folder : settings.folders) {
    std::error_code error;
    if (!fs::is_directory(folder.watch, error)) throw SettingsError(folder.watch.string() + ": is no folder");
    folder.watch = fs::canonical(folder.watch, error);
    if (error) throw SettingsError(folder.watch.string() + ": " + error.message());
    if (std::find(watched.begin(), watched.end(), folder.watch) != watched.end()) {
      throw SettingsError(folder.watch.string() + ": is watched twice");
    }
    watched.push_back(folder.watch);
    if (folder.output.empty()) folder.output = folder.watch;
    folder.output = fs::absolute(folder.output);
    if (folder.templates.empty()) {
      const fs::path shipped = hosts::shipped_templates();
      if (shipped.empty()) throw SettingsError(folder.watch.string() + ": no form templates are given for this folder");
      folder.templates.push_back(shipped);
    }
    for (const fs::path& needed : {folder.working(), folder.done(), folder.review(), folder.failed()}) {
      fs::create_directories(needed, error);
      if (error) throw SettingsError(needed.string() + ": cannot be made: " + error.message());
    }
  }
  for (const FolderSettings& folder : settings.folders) {
    for (const fs::path& out : {folder.done(), folder.review(), folder.failed()}) {
      std::error_code error;
      if (std::find(watched.begin(), watched.end(), fs::canonical(out, error)) != watched.end()) {
        throw SettingsError(out.string() + ": is watched itself: documents would go in circles");
      }
    }
  }
}

}  // namespace inkfield::watch_folder

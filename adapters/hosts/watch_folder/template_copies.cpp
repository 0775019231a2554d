// A template may name a picture beside it, so a copy of one gets the picture's copy, and its path, too.
#include "adapters/hosts/watch_folder/template_copies.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "adapters/hosts/watch_folder/content_hash.h"
#include "adapters/hosts/watch_folder/settings.h"

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw SettingsError(path.string() + ": the template cannot be read");
  return text;
}

/// Copies the picture that a form names and writes the copy's path in its place. A picture that is not there is left for the plugin to complain of.
void copy_picture(nlohmann::ordered_json& form, const fs::path& template_folder, const fs::path& target, int& pictures) {
  if (!form.is_object()) return;
  for (auto* part : {&form, form.contains("find_by") ? &form["find_by"] : nullptr}) {
    if (part == nullptr || !part->is_object() || !part->contains("blank_image") || !(*part)["blank_image"].is_string()) continue;
    const fs::path picture = template_folder / (*part)["blank_image"].get<std::string>();
    const fs::path copy = target / ("blank_form_" + std::to_string(++pictures) + picture.extension().string());
    std::error_code error;
    (*part)["blank_image"] = fs::copy_file(picture, copy, error) ? copy.filename().string() : picture.string();
  }
}

void copy_template(const fs::path& from, const fs::path& target, int& pictures) {
  std::string text = text_of(from);
  if (text.find("blank_image") != std::string::npos) {
    auto json = nlohmann::ordered_json::parse(text, nullptr, false);
    if (!json.is_discarded()) {
      if (json.is_array()) {
        for (auto& form : json) copy_picture(form, from.parent_path(), target, pictures);
      } else {
        copy_picture(json, from.parent_path(), target, pictures);
      }
      text = json.dump();
    }
  }
  std::ofstream out(target / from.filename(), std::ios::binary);
  out << text;
  if (!out.flush()) throw SettingsError((target / from.filename()).string() + ": the copy of a template cannot be written");
}

}  // namespace

TemplateCopies::TemplateCopies(const std::vector<std::string>& paths, const fs::path& target) {
  int pictures = 0;
  std::error_code error;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const fs::path path = paths[i];
    const fs::path place = target / std::to_string(i);
    fs::create_directories(place, error);
    if (error) throw SettingsError(place.string() + ": cannot be made: " + error.message());
    if (fs::is_directory(path, error)) {
      for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        if (entry->path().extension() == ".json" && entry->path().filename().string().front() != '.' && entry->is_regular_file(ignored)) copy_template(entry->path(), place, pictures);
      }
      if (error) throw SettingsError(path.string() + ": the templates cannot be read: " + error.message());
      copies_.push_back({path.string(), place.string()});
    } else if (fs::is_regular_file(path, error)) {
      copy_template(path, place, pictures);
      copies_.push_back({path.string(), (place / path.filename()).string()});
    } else {
      throw SettingsError(path.string() + ": no such template file or folder");
    }
  }
  hash_ = content_hash_of_folder(target);
}

std::vector<std::string> TemplateCopies::paths() const {
  std::vector<std::string> all;
  for (const Copy& copy : copies_) all.push_back(copy.copied);
  return all;
}

std::string TemplateCopies::with_known_paths(std::string message) const {
  for (const Copy& copy : copies_) {
    for (std::size_t at = 0; (at = message.find(copy.copied, at)) != std::string::npos; at += copy.original.size()) {
      message.replace(at, copy.copied.size(), copy.original);
    }
  }
  return message;
}

}  // namespace inkfield::watch_folder

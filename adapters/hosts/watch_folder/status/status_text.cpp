// Written by hand where the format is small, by the JSON library where it is read.
#include "adapters/hosts/watch_folder/status/status_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <vector>

#include <nlohmann/json.hpp>

#include "adapters/hosts/common/printable.h"

namespace inkfield::watch_folder {

namespace {

using Json = nlohmann::json;

/// The shortest text that means the number, without the locale.
std::string number_text(double number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return {digits.data(), end.ptr};
}

std::string rounded(double number, int decimals) {
  std::array<char, 400> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed, decimals);
  return end.ec == std::errc{} ? std::string(digits.data(), end.ptr) : "?";
}

/// A label's value: backslash, quote and line feed are escaped, and bytes that are no text replaced.
std::string label(const std::string& value) {
  std::string out;
  for (const char c : hosts::printable(value)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

struct Metrics {
  std::string text;
  void family(const std::string& name, const char* type, const char* help) {
    text += "# HELP inkfield_" + name + ' ' + help + "\n# TYPE inkfield_" + name + ' ' + type + '\n';
  }
  void sample(const std::string& name, const std::string& labels, const std::string& value) {
    text += "inkfield_" + name + (labels.empty() ? "" : '{' + labels + '}') + ' ' + value + '\n';
  }
};

std::string span_text(double seconds) {
  if (seconds < 120) return rounded(seconds, 0) + " s";
  if (seconds < 7200) return rounded(seconds / 60, 0) + " min";
  if (seconds < 172800) return rounded(seconds / 3600, 0) + " h";
  return rounded(seconds / 86400, 0) + " days";
}

/// First column to the left, the others to the right.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], hosts::display_width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - hosts::display_width(row[i]), ' ');
      text += i == 0 ? row[i] + pad : "  " + pad + row[i];
    }
    text += '\n';
  }
  return text;
}

}  // namespace

std::string status_json(const ServiceStatus& status) {
  using hosts::printable;
  Json json = {{"version", printable(status.version)}, {"started_at", printable(status.started_at)}, {"pages_per_minute", status.pages_per_minute}};
  json["folders"] = Json::array();
  for (const FolderStatus& folder : status.folders) {
    json["folders"].push_back({{"name", printable(folder.name)}, {"waiting", folder.waiting}, {"working", folder.working}, {"done", folder.done},
                               {"review", folder.review}, {"failed", folder.failed}, {"duplicates", folder.duplicates},
                               {"oldest_waiting_s", folder.oldest_waiting_s}});
  }
  json["forms"] = Json::array();
  for (const FormStatus& form : status.forms) {
    json["forms"].push_back({{"form_id", printable(form.form_id)}, {"read", form.read}, {"review", form.review}, {"failed", form.failed}});
  }
  for (const auto& [key, texts] : {std::pair{"last_errors", &status.last_errors}, std::pair{"troubles", &status.troubles}}) {
    json[key] = Json::array();
    for (const std::string& text : *texts) json[key].push_back(printable(text));
  }
  return json.dump();
}

ServiceStatus status_from_json(const std::string& text) {
  ServiceStatus status;
  try {
    const Json json = Json::parse(text);
    if (!json.is_object()) throw std::invalid_argument("no object");
    status.version = json.value("version", "");
    status.started_at = json.value("started_at", "");
    status.pages_per_minute = json.value("pages_per_minute", 0.0);
    for (const Json& folder : json.value("folders", Json::array())) {
      FolderStatus one;
      one.name = folder.value("name", "");
      one.waiting = folder.value("waiting", one.waiting);
      one.working = folder.value("working", one.working);
      one.done = folder.value("done", one.done);
      one.review = folder.value("review", one.review);
      one.failed = folder.value("failed", one.failed);
      one.duplicates = folder.value("duplicates", one.duplicates);
      one.oldest_waiting_s = folder.value("oldest_waiting_s", one.oldest_waiting_s);
      status.folders.push_back(one);
    }
    for (const Json& form : json.value("forms", Json::array())) {
      FormStatus one;
      one.form_id = form.value("form_id", "");
      one.read = form.value("read", one.read);
      one.review = form.value("review", one.review);
      one.failed = form.value("failed", one.failed);
      status.forms.push_back(one);
    }
    status.last_errors = json.value("last_errors", status.last_errors);
    status.troubles = json.value("troubles", status.troubles);
  } catch (const Json::exception& error) {
    throw std::invalid_argument(std::string("the answer is no status of inkfieldd: ") + error.what());
  }
  return status;
}

std::string metrics_text(const ServiceStatus& status) {
  Metrics metrics;
  metrics.family("build_info", "gauge", "Version of the service, as a label.");
  metrics.sample("build_info", "version=\"" + label(status.version) + '"', "1");
  metrics.family("healthy", "gauge", "1 if nothing stands in the way of work, else 0.");
  metrics.sample("healthy", "", status.troubles.empty() ? "1" : "0");
  metrics.family("pages_per_minute", "gauge", "Pages read a minute, over the last minutes.");
  metrics.sample("pages_per_minute", "", number_text(status.pages_per_minute));
  const auto folders = [&](const std::string& name, const char* type, const char* help, const auto& value) {
    metrics.family(name, type, help);
    for (const FolderStatus& folder : status.folders) metrics.sample(name, "folder=\"" + label(folder.name) + '"', value(folder));
  };
  folders("documents_waiting", "gauge", "Files in the folder that are not taken yet.", [](const FolderStatus& f) { return std::to_string(f.waiting); });
  folders("documents_working", "gauge", "Documents taken and not finished.", [](const FolderStatus& f) { return std::to_string(f.working); });
  folders("oldest_waiting_seconds", "gauge", "How long the oldest file has waited.", [](const FolderStatus& f) { return number_text(f.oldest_waiting_s); });
  folders("duplicates_total", "counter", "Documents whose content had been read before.", [](const FolderStatus& f) { return std::to_string(f.duplicates); });
  metrics.family("documents_total", "counter", "Documents finished, by where they went.");
  for (const FolderStatus& folder : status.folders) {
    for (const auto& [word, count] : {std::pair{"done", folder.done}, std::pair{"review", folder.review}, std::pair{"failed", folder.failed}}) {
      metrics.sample("documents_total", "folder=\"" + label(folder.name) + "\",outcome=\"" + word + '"', std::to_string(count));
    }
  }
  const auto forms = [&](const std::string& name, const char* help, std::uint64_t FormStatus::*value) {
    metrics.family(name, "counter", help);
    for (const FormStatus& form : status.forms) metrics.sample(name, "form=\"" + label(form.form_id) + '"', std::to_string(form.*value));
  };
  forms("pages_total", "Pages finished, by form.", &FormStatus::read);
  forms("pages_review_total", "Pages of which a person must look at something.", &FormStatus::review);
  forms("pages_failed_total", "Pages that could not be read.", &FormStatus::failed);
  return metrics.text;
}

std::string render_status_text(const ServiceStatus& status) {
  using hosts::printable;
  std::string text = "inkfieldd " + printable(status.version) + ", running since " + printable(status.started_at) + ", " + rounded(status.pages_per_minute, 1) +
                     " pages a minute\n";
  const auto count = [](std::uint64_t number) { return std::to_string(number); };
  std::vector<std::vector<std::string>> rows = {{"folder", "waiting", "oldest", "working", "done", "review", "failed", "duplicates"}};
  for (const FolderStatus& f : status.folders) {
    rows.push_back({printable(f.name), count(f.waiting), f.waiting == 0 ? "-" : span_text(f.oldest_waiting_s), count(f.working), count(f.done), count(f.review),
                    count(f.failed), count(f.duplicates)});
  }
  text += '\n' + table(rows);
  if (!status.forms.empty()) {
    rows = {{"form", "pages", "review", "failed"}};
    for (const FormStatus& f : status.forms) rows.push_back({f.form_id.empty() ? "(no known form)" : printable(f.form_id), count(f.read), count(f.review), count(f.failed)});
    text += '\n' + table(rows);
  }
  const auto list = [&](const char* title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    text += std::string("\n") + title + '\n';
    for (const std::string& line : lines) text += "  " + printable(line) + '\n';
  };
  list("in the way now:", status.troubles);
  list("last errors:", status.last_errors);
  return text;
}

}  // namespace inkfield::watch_folder

// json_string does the strict UTF-8 walk; what is left to do here is small.
#include "adapters/hosts/watch_folder/outputs/outcome_text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

#include "adapters/hosts/common/printable.h"

namespace inkfield::watch_folder {

const char* word_for(Destination destination) {
  switch (destination) {
    case Destination::done:
      return "done";
    case Destination::review:
      return "review";
    default:
      return "failed";
  }
}

std::string storable(std::string_view text) {
  std::string out;
  if (text.find('\0') == std::string_view::npos) {
    out = text;
  } else {
    for (const char c : text) {
      if (c == '\0') {
        out += "\xEF\xBF\xBD";
      } else {
        out += c;
      }
    }
  }
  // Through JSON and back only if there is something that may not be UTF-8.
  if (std::all_of(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return out;
  return nlohmann::json::parse(hosts::json_string(out)).get<std::string>();
}

std::string joined_reasons(const DocumentOutcome& outcome) {
  std::string joined;
  for (const std::string& reason : outcome.reasons) joined += (joined.empty() ? "" : "; ") + reason;
  return joined;
}

std::string confidence_text(double confidence) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), std::clamp(confidence, 0.0, 1.0), std::chars_format::fixed, 4);
  return {digits.data(), end.ptr};
}

std::string json_text(const DocumentOutcome& outcome) {
  using hosts::json_string;
  std::string json = "{\"document_id\":" + json_string(outcome.document_id) + ",\"folder\":" + json_string(outcome.folder) +
                     ",\"file\":" + json_string(outcome.name) + ",\"content_hash\":" + json_string(outcome.content_hash) +
                     ",\"outcome\":\"" + word_for(outcome.destination) + "\",\"read_at\":" + json_string(outcome.read_at) + ",\"reasons\":[";
  for (std::size_t i = 0; i < outcome.reasons.size(); ++i) json += (i == 0 ? "" : ",") + json_string(outcome.reasons[i]);
  json += "],\"pages\":[";
  for (std::size_t i = 0; i < outcome.pages.size(); ++i) {
    const PageOutcome& page = outcome.pages[i];
    json += (i == 0 ? "" : ",");
    json += "{\"page\":" + std::to_string(page.page) + ",\"result\":" + (page.json.empty() ? "null" : page.json) + '}';
  }
  return json + "]}";
}

}  // namespace inkfield::watch_folder

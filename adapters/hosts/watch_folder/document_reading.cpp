// Pages to a document's fate; and the packing of it.
#include "adapters/hosts/watch_folder/document_reading.h"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "adapters/hosts/common/printable.h"
#include "adapters/hosts/watch_folder/filing.h"

namespace inkfield::watch_folder {

namespace {

/// First text of a saved reading: another version's is read anew instead of being misread.
constexpr const char* kSavedForm = "inkfield reading 1";

void add_reasons(const PageReading& page, std::vector<std::string>& reasons) {
  const std::string place = page.pages > 1 ? "page " + std::to_string(page.outcome.page) + ": " : "";
  if (page.weight == PageWeight::unreadable || page.weight == PageWeight::misconfigured) {
    reasons.push_back(place + page.outcome.reason);
    return;
  }
  if (page.outcome.state != "read") {
    reasons.push_back(place + page.outcome.state + (page.outcome.reason.empty() ? "" : ": " + page.outcome.reason));
  } else if (!page.outcome.reason.empty()) {
    reasons.push_back(place + page.outcome.reason);
  }
  for (const FieldOutcome& field : page.outcome.fields) {
    if (field.state == "review" || field.state == "failed") {
      reasons.push_back(place + "field " + field.id + ": " + (field.reason.empty() ? "needs a person" : field.reason));
    }
  }
}

std::string counted(std::size_t count, const char* what) { return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s"); }

}  // namespace

const char* name_of(Destination destination) {
  switch (destination) {
    case Destination::done:
      return "done";
    case Destination::review:
      return "review";
    default:
      return "failed";
  }
}

void conclude(DocumentReading& reading, std::vector<PageReading> pages, const std::string& trouble) {
  DocumentOutcome& outcome = reading.outcome;
  outcome.destination = Destination::done;
  std::size_t unreadable = 0;
  std::size_t for_review = 0;
  for (PageReading& page : pages) {
    if (page.weight == PageWeight::needs_person) ++for_review;
    if (page.weight == PageWeight::unreadable || page.weight == PageWeight::misconfigured) ++unreadable;
    if (page.weight != PageWeight::accepted) add_reasons(page, outcome.reasons);
    reading.records.push_back(std::move(page.record));
    outcome.pages.push_back(std::move(page.outcome));
  }
  if (!trouble.empty()) {
    outcome.reasons.push_back(trouble);
    ++unreadable;
  }
  if (for_review > 0) outcome.destination = Destination::review;
  if (unreadable > 0) outcome.destination = Destination::failed;
  reading.summary = counted(outcome.pages.size(), "page");
  if (for_review > 0) reading.summary += ", " + std::to_string(for_review) + " for a person";
  if (unreadable > 0) reading.summary += ", " + std::to_string(unreadable) + " unreadable";
}

std::string beginning_of_result(const std::string& document_id) { return "{\"document_id\":" + hosts::json_string(document_id) + ','; }

std::string result_json_of(const DocumentReading& reading) {
  const DocumentOutcome& outcome = reading.outcome;
  std::string json = beginning_of_result(outcome.document_id) + "\"file\":" + hosts::json_string(outcome.name) + ",\"outcome\":\"" + reading.word() +
                     "\",\"read_at\":" + hosts::json_string(outcome.read_at) + ",\"content_hash\":" + hosts::json_string(outcome.content_hash);
  if (!reading.batch.empty()) json += ",\"batch\":" + hosts::json_string(reading.batch);
  if (!reading.duplicate_of.empty()) json += ",\"duplicate_of\":" + hosts::json_string(reading.duplicate_of);
  json += ",\"reasons\":[";
  for (std::size_t i = 0; i < outcome.reasons.size(); ++i) json += (i == 0 ? "" : ",") + hosts::json_string(outcome.reasons[i]);
  json += "],\"pages\":[";
  for (std::size_t i = 0; i < reading.records.size(); ++i) json += (i == 0 ? "\n" : ",\n") + reading.records[i];
  return json + (reading.records.empty() ? "]}\n" : "\n]}\n");
}

void append(Message& message, const PageOutcome& page) {
  for (const std::string& text : {std::to_string(page.page), page.state, page.form_id, page.reason, page.json, std::to_string(page.fields.size())}) {
    message.push_back(text);
  }
  for (const FieldOutcome& field : page.fields) {
    for (const std::string& text : {field.id, field.kind, field.state, field.text, field.normalized, field.reason, number_text(field.confidence)}) {
      message.push_back(text);
    }
  }
}

PageOutcome page_outcome_of(MessageWalk& walk) {
  PageOutcome page;
  page.page = static_cast<int>(walk.number());
  for (std::string* text : {&page.state, &page.form_id, &page.reason, &page.json}) *text = walk.text();
  for (std::int64_t fields = walk.number(); fields > 0; --fields) {
    FieldOutcome field;
    for (std::string* text : {&field.id, &field.kind, &field.state, &field.text, &field.normalized, &field.reason}) *text = walk.text();
    field.confidence = walk.real();
    page.fields.push_back(std::move(field));
  }
  return page;
}

Message message_of(const PageReading& page) {
  Message message = {"page", std::to_string(static_cast<int>(page.weight)), std::to_string(page.pages), page.record};
  append(message, page.outcome);
  return message;
}

PageReading page_reading_of(MessageWalk& walk) {
  PageReading page;
  const std::int64_t weight = walk.number();
  if (weight < 0 || weight > static_cast<int>(PageWeight::misconfigured)) throw std::runtime_error("a page of no known weight");
  page.weight = static_cast<PageWeight>(weight);
  page.pages = static_cast<std::uint32_t>(walk.number());
  page.record = walk.text();
  page.outcome = page_outcome_of(walk);
  return page;
}

void save(const DocumentReading& reading, const std::filesystem::path& file) {
  const DocumentOutcome& outcome = reading.outcome;
  Message message = {kSavedForm,           outcome.document_id, outcome.folder, outcome.name, outcome.content_hash, std::to_string(static_cast<int>(outcome.destination)),
                     outcome.read_at,      reading.duplicate_of, reading.batch,  reading.summary, std::to_string(outcome.reasons.size())};
  message.insert(message.end(), outcome.reasons.begin(), outcome.reasons.end());
  message.push_back(std::to_string(outcome.pages.size()));
  for (const PageOutcome& page : outcome.pages) append(message, page);
  message.push_back(std::to_string(reading.records.size()));
  message.insert(message.end(), reading.records.begin(), reading.records.end());
  write_replacing(file, packed(message));
}

std::optional<DocumentReading> saved_reading(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::optional<Message> message = unpacked(bytes);
  if (!message || message->empty() || message->front() != kSavedForm) return std::nullopt;
  try {
    MessageWalk walk(*message, 1);
    DocumentReading reading;
    DocumentOutcome& outcome = reading.outcome;
    for (std::string* text : {&outcome.document_id, &outcome.folder, &outcome.name, &outcome.content_hash}) *text = walk.text();
    const std::int64_t destination = walk.number();
    if (destination < 0 || destination > static_cast<int>(Destination::failed)) return std::nullopt;
    outcome.destination = static_cast<Destination>(destination);
    for (std::string* text : {&outcome.read_at, &reading.duplicate_of, &reading.batch, &reading.summary}) *text = walk.text();
    for (std::int64_t reasons = walk.number(); reasons > 0; --reasons) outcome.reasons.push_back(walk.text());
    for (std::int64_t pages = walk.number(); pages > 0; --pages) outcome.pages.push_back(page_outcome_of(walk));
    for (std::int64_t records = walk.number(); records > 0; --records) reading.records.push_back(walk.text());
    return reading;
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

}  // namespace inkfield::watch_folder

// One document at a time; what goes wrong stays with the document it went wrong with.
#include "adapters/hosts/watch_folder/document_way.h"

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "adapters/hosts/common/printable.h"
#include "adapters/hosts/watch_folder/content_hash.h"
#include "adapters/hosts/watch_folder/documents/batch_splitting.h"

namespace inkfield::watch_folder {

namespace {

/// A page that ends its worker is tried once more, alone.
constexpr int kDeathsAllowed = 2;
/// Workers killed from outside (an impatient operator, memory running out) say little about the page.
constexpr int kKillsAllowed = 6;
/// A file that never stops changing while it is read.
constexpr int kInterruptionsAllowed = 20;
/// Every so many rests the log says again why a document waits.
constexpr int kRestsBetweenLines = 20;

std::string first_of(const std::vector<std::string>& reasons) { return reasons.empty() ? "" : reasons.front(); }

}  // namespace

DocumentWay::DocumentWay(WayStation& station, std::unique_ptr<WorkerProcess> worker) : station_(station), worker_(std::move(worker)) {}

void DocumentWay::log(inkfield_log_level level, const std::string& text) {
  station_.log(level, text);
  if (level <= INKFIELD_LOG_WARNING) station_.board.note_error(text);
}

void DocumentWay::run(const std::stop_token& no_more, const std::stop_token& at_once) {
  at_once_ = at_once;
  while (std::optional<Work> work = station_.source.take(no_more)) {
    std::string why;
    End end = End::later;
    try {
      end = walk(*work, why);
    } catch (const std::exception& error) {  // a full disk, a journal out of reach, a network that cannot be loaded
      why = std::string("cannot go on, tried again later: ") + error.what();
    }
    switch (end) {
      case End::finished:
        if (work->rests > 0) station_.board.note_trouble(work->claim.id, "");
        station_.source.finish(*work);
        break;
      case End::stopped:
        log(INKFIELD_LOG_INFO, work->claim.name + ": left for the next start");
        station_.source.finish(*work);
        break;
      case End::changed:
        ++work->interruptions;
        station_.source.put_back(std::move(*work), station_.preparation.settings.settle + std::chrono::milliseconds(10));
        break;
      case End::later:
        if (work->rests++ % kRestsBetweenLines == 0) log(INKFIELD_LOG_ERROR, work->claim.name + ": " + why);
        station_.board.note_trouble(work->claim.id, work->claim.name + ": " + why);
        station_.held_up();
        station_.source.put_back(std::move(*work), station_.preparation.settings.retry);
        break;
    }
  }
}

DocumentWay::End DocumentWay::walk(const Work& work, std::string& why_later) {
  const Claim& claim = work.claim;
  std::optional<DocumentReading> reading = saved_reading(claim.outcome());
  if (reading && !Claims::holds(claim) && signature_of(claim.outcome()).regular) {  // filed, and then came the crash
    filed(work, *reading, filed_name(filing_of(claim, *reading, work.folder)));
    return End::finished;
  }
  if (claim.name.empty() || !Claims::holds(claim)) {
    station_.journal.note_given_up(claim.id);
    Claims::finish(claim);
    return End::finished;
  }
  station_.journal.note_claimed(claim.id, station_.preparation.folders[work.folder].settings.name, claim.name);
  if (!reading) {
    reading.emplace();
    const End end = read(work, *reading);
    if (end != End::finished) return end;
    save(*reading, claim.outcome());
    station_.journal.note_read(claim.id, reading->word(), first_of(reading->outcome.reasons), static_cast<std::int64_t>(reading->outcome.pages.size()));
  }
  if (!Claims::holds(claim)) {
    log(INKFIELD_LOG_WARNING, claim.name + ": was taken over by another service");
    station_.journal.note_given_up(claim.id);
    return End::finished;
  }
  try {
    deliver(claim, *reading, work.folder);
    station_.decided(reading->outcome, reading->word());
    const std::string name = file_document(filing_of(claim, *reading, work.folder));
    filed(work, *reading, name);
    return End::finished;
  } catch (const JournalError&) {
    throw;
  } catch (const std::exception& error) {
    why_later = std::string("cannot be filed, tried again later: ") + error.what();
    return End::later;
  }
}

DocumentWay::End DocumentWay::read(const Work& work, DocumentReading& reading) {
  const Claim& claim = work.claim;
  const PreparedFolder& folder = station_.preparation.folders[work.folder];
  DocumentOutcome& outcome = reading.outcome;
  outcome.document_id = claim.id;
  outcome.folder = folder.settings.name;
  outcome.name = claim.file_name();
  if (folder.settings.subfolders == Subfolders::batch) reading.batch = claim.subfolder();
  const FileSignature before = signature_of(claim.document());
  if (!before.regular) {  // between finding and taking, a link may have been put in a file's place
    conclude(reading, {}, "is no plain file");
    reading.summary = "no plain file";
    outcome.read_at = time_now_text();
    return End::finished;
  }
  std::string trouble;
  std::vector<PageReading> pages;
  WorkerProcess::Request request;
  struct Scratch {
    std::filesystem::path path;
    ~Scratch() {
      std::error_code ignored;
      if (!path.empty()) std::filesystem::remove_all(path, ignored);
    }
  } scratch;
  // Of a reading that was cut short; what is read now may be of other bytes.
  std::error_code ignored;
  std::filesystem::remove_all(claim.pictures(), ignored);
  try {
    outcome.content_hash = content_hash(claim.document());
  } catch (const std::system_error& error) {
    trouble = error.what();
  }
  if (trouble.empty()) {
    const std::optional<std::string> original = station_.journal.begin_reading(claim.id, folder.settings.name, outcome.content_hash, folder.template_hash,
                                                                               station_.preparation.model_hash, folder.settings.mark_duplicates);
    if (original) {
      reading.duplicate_of = *original;
      conclude(reading, {}, "");
      outcome.reasons = {"has the same content as document " + *original};
      reading.summary = "a duplicate";
      outcome.read_at = time_now_text();
      return End::finished;
    }
    request.path = claim.document();
    request.name = claim.file_name();
    request.form = folder.settings.subfolders == Subfolders::form && !claim.subfolder().empty() ? claim.subfolder() : folder.settings.form;
    request.pdf = folder.settings.pdf;
    scratch.path = make_scratch(claim);
    request.scratch = scratch.path;
    try {
      trouble = read_pages(request, folder.reading, pages);
    } catch (const WorkerStopped&) {
      return End::stopped;
    }
  }
  if (!(signature_of(claim.document()) == before)) {
    if (work.interruptions < kInterruptionsAllowed) return End::changed;
    trouble = "was changed again and again while it was read";
  }
  outcome.read_at = time_now_text();
  conclude(reading, std::move(pages), trouble);
  try {
    cut_pictures(claim, folder, reading, request);
  } catch (const WorkerStopped&) {
    return End::stopped;
  }
  return End::finished;
}

/// Only a full disk keeps the document waiting, as it will for the result's sake; what else goes wrong costs the pictures and not the document.
void DocumentWay::cut_pictures(const Claim& claim, const PreparedFolder& folder, const DocumentReading& reading, const WorkerProcess::Request& request) {
  if (!folder.settings.review_pictures || reading.outcome.destination != Destination::review) return;
  std::vector<PageOutcome> pages;
  for (const PageOutcome& page : reading.outcome.pages) {
    const bool any = std::any_of(page.fields.begin(), page.fields.end(), [](const FieldOutcome& field) { return field.state == "review" || field.state == "failed"; });
    if (any) pages.push_back(page);
  }
  if (pages.empty()) return;
  std::string why;
  try {
    worker_->cut_pictures(folder.reading, request, pages, claim.pictures(), [this] { return at_once_.stop_requested(); });
    return;
  } catch (const WorkerStopped&) {
    throw;
  } catch (const std::system_error& error) {
    if (is_disk_full(error.code())) throw;
    why = error.what();
  } catch (const std::exception& error) {
    why = error.what();
  }
  log(INKFIELD_LOG_WARNING, claim.name + ": no pictures of its fields for review/: " + why);
}

std::filesystem::path DocumentWay::make_scratch(const Claim& claim) const {
  const std::filesystem::path scratch = station_.preparation.settings.state / "scratch" / claim.id;
  std::error_code error;
  std::filesystem::remove_all(scratch, error);
  std::filesystem::create_directories(scratch, error);
  if (error) throw std::system_error(error, scratch.string());
  return scratch;
}

std::string DocumentWay::read_pages(const WorkerProcess::Request& request, const ReadingSettings& settings, std::vector<PageReading>& pages) {
  WorkerProcess::Request next = request;
  const auto stopping = [this] { return at_once_.stop_requested(); };
  std::size_t trouble_at = 0;
  int deaths = 0;
  int kills = 0;
  for (;;) {
    const std::size_t begun_with = pages.size();
    try {
      const auto take = [&](PageReading page) {
        station_.board.note_pages(1);
        pages.push_back(std::move(page));
      };
      const std::string trouble = worker_->read(settings, next, take, stopping);
      if (!trouble.empty() || pages.empty() || pages.size() >= pages.back().pages || pages.size() == begun_with) return trouble;
      next.only_one_page = false;
    } catch (const WorkerDied& death) {
      const std::size_t page = pages.size() + 1;
      if (page != std::exchange(trouble_at, page)) deaths = kills = 0;
      death.by_others() ? ++kills : ++deaths;
      log(INKFIELD_LOG_WARNING, request.name + ", page " + std::to_string(page) + ": " + death.what());
      if (deaths >= kDeathsAllowed || kills >= kKillsAllowed) {
        return "page " + std::to_string(page) + " ended its worker " + std::to_string(deaths + kills) + " times: " + death.what();
      }
      next.only_one_page = true;
      std::error_code ignored;  // half of a PDF's pages, perhaps
      for (std::filesystem::directory_iterator entry(request.scratch, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
        std::filesystem::remove_all(entry->path(), ignored);
      }
    }
    next.first_page = static_cast<std::uint32_t>(pages.size() + 1);
  }
}

void DocumentWay::deliver(const Claim& claim, DocumentReading& reading, std::size_t folder) {
  if (!reading.duplicate_of.empty()) return;
  const FolderSettings& settings = station_.preparation.folders[folder].settings;
  // A batch goes to the outputs as the documents that it holds, each with an id of its own that is as stable as the batch's.
  std::vector<DocumentOutcome> documents = {reading.outcome};
  const std::vector<BatchPart> parts = split_batch(reading.outcome.pages, {settings.separator_form, settings.separator_label_field});
  if (!settings.separator_form.empty() && !parts.empty()) {
    documents.assign(parts.size(), reading.outcome);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      documents[i].document_id += '-' + std::to_string(i + 1);
      if (!parts[i].label.empty()) documents[i].name += '#' + parts[i].label;
      documents[i].pages = parts[i].pages;
    }
  }
  for (const std::unique_ptr<Output>& output : station_.preparation.folders[folder].outputs) {
    try {
      const std::lock_guard lock(station_.outputs);
      for (const DocumentOutcome& document : documents) output->deliver(document);
    } catch (const OutputUnavailable&) {
      throw;
    } catch (const std::exception& error) {
      log(INKFIELD_LOG_ERROR, claim.name + ": cannot be written to an output: " + error.what());
      reading.outcome.destination = Destination::failed;
      reading.outcome.reasons.push_back(std::string("an output refused it: ") + error.what());
      reading.summary += ", refused by an output";
      save(reading, claim.outcome());
    }
  }
}

Filing DocumentWay::filing_of(const Claim& claim, const DocumentReading& reading, std::size_t folder) {
  Filing filing;
  filing.document = claim.document();
  filing.folder = station_.preparation.folders[folder].settings.folder_for(reading.word());
  if (!reading.batch.empty()) filing.folder /= reading.batch;
  filing.name = reading.outcome.name;
  filing.result_json = result_json_of(reading);
  filing.result_beginning = beginning_of_result(claim.id);
  if (reading.word() == "review" && station_.preparation.folders[folder].settings.review_pictures) {
    filing.pictures = claim.pictures();
    filing.pictures_lost = [this, name = claim.name](const std::string& why) { log(INKFIELD_LOG_WARNING, name + ": its pictures are not in review/: " + why); };
  }
  if (reading.duplicate_of.empty()) {
    for (const std::string& reason : reading.outcome.reasons) filing.reasons += hosts::printable(reason) + '\n';
  }
  return filing;
}

void DocumentWay::filed(const Work& work, const DocumentReading& reading, const std::string& name) {
  const std::string word = reading.word();
  const std::string place = word == "duplicate" ? "duplicates" : word;
  log(word == "failed" ? INKFIELD_LOG_WARNING : INKFIELD_LOG_INFO, work.claim.name + ": " + reading.summary + ", filed as " + place + '/' + name);
  station_.board.note_filed(station_.preparation.folders[work.folder].settings.name, reading);
  station_.filed(reading);
  try {
    station_.journal.note_filed(work.claim.id, word, name);
  } catch (const JournalError& error) {
    // The document is through; only the claim's folder stays, and the next start notes it from that.
    log(INKFIELD_LOG_ERROR, work.claim.name + ": " + error.what());
    return;
  }
  Claims::finish(work.claim);
}

}  // namespace inkfield::watch_folder

// One engine for each folder's settings. Nothing here writes anything but answers: a worker may be killed at any moment.
#include "adapters/hosts/watch_folder/page_worker.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <inkfield/inkfield.hpp>

#include "adapters/hosts/common/local_day.h"
#include "adapters/hosts/common/page_reading.h"
#include "adapters/hosts/common/precision.h"
#include "adapters/hosts/common/printable.h"
#include "adapters/hosts/common/program_files.h"
#include "adapters/hosts/watch_folder/document_reading.h"
#include "adapters/hosts/watch_folder/documents/page_images.h"
#include "adapters/hosts/watch_folder/message.h"
#include "adapters/hosts/watch_folder/outputs/review_crops.h"

namespace inkfield::watch_folder {

namespace {

class Answers {
 public:
  explicit Answers(int fd) : fd_(fd) {}
  /// False once nobody listens.
  bool send(const Message& message) {
    const std::string bytes = packed(message);
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t n = ::write(fd_, bytes.data() + at, bytes.size() - at);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return false;
      at += static_cast<std::size_t>(n);
    }
    return true;
  }

 private:
  int fd_;
};

struct Reader {
  Engine engine;
  Session session;
};

PageWeight weight_of(const hosts::PageRecord& record) {
  switch (hosts::outcome_of(record)) {
    case hosts::Outcome::accepted:
      return PageWeight::accepted;
    case hosts::Outcome::needs_person:
      return PageWeight::needs_person;
    case hosts::Outcome::unreadable:
      return PageWeight::unreadable;
    default:
      return PageWeight::misconfigured;
  }
}

PageReading reading_of(const hosts::PageRecord& record) {
  PageReading reading;
  reading.weight = weight_of(record);
  reading.pages = record.pages;
  reading.record = hosts::json_of(record);
  PageOutcome& outcome = reading.outcome;
  outcome.page = static_cast<int>(record.page);
  if (!record.result) {
    outcome.state = "unreadable";
    outcome.reason = record.error;
    return reading;
  }
  const PageInfo page = record.result->page();
  outcome.state = hosts::name_of_page_state(page.state);
  outcome.form_id = page.form_id;
  outcome.reason = page.reason;
  outcome.json = record.result->json();
  for (const Field& field : record.result->fields()) {
    outcome.fields.push_back({field.id, hosts::name_of_field_kind(field.kind), hosts::name_of_field_state(field.state), field.text, field.normalized,
                              field.reason, field.confidence});
  }
  return reading;
}

class PageWorker {
 public:
  explicit PageWorker(int answers) : answers_(answers) {}

  bool handle(const Message& request) {
    MessageWalk walk(request);
    const std::string what = walk.text();
    if (what == "configure") return configure(walk, request.size());
    if (what == "read") return read(walk);
    if (what == "pictures") return cut_pictures(walk);
    return false;
  }

 private:
  bool configure(MessageWalk& walk, std::size_t size) {
    const std::string key = walk.text();
    EngineOptions options;
    const std::string model = walk.text();
    if (!model.empty()) options.model_path = hosts::model_file(model);
    options.precision = hosts::precision_named(walk.text()).value_or(0);
    options.tessdata_folder = walk.text();
    options.languages = walk.text();
    for (std::size_t i = 6; i < size; ++i) options.template_paths.push_back(walk.text());
    options.log = [this](inkfield_log_level level, const std::string& text) { answers_.send({"log", std::to_string(level), text}); };
    try {
      Engine engine(Library::load(find_library()), options);
      Message answer = {"configured"};
      const std::vector<FormInfo> forms = engine.forms();
      answer.push_back(std::to_string(forms.size()));
      for (const FormInfo& form : forms) answer.push_back(form.id);
      const std::vector<Fault> faults = engine.faults();
      answer.push_back(std::to_string(faults.size()));
      for (const Fault& fault : faults) {
        answer.push_back(fault.source + ": " + (fault.json_pointer.empty() ? "" : fault.json_pointer + ": ") + fault.message);
      }
      Session session(engine);
      readers_.insert_or_assign(key, Reader{std::move(engine), std::move(session)});
      return answers_.send(answer);
    } catch (const Error& error) {
      return answers_.send({"refused", error.what()});
    }
  }

  bool read(MessageWalk& walk) {
    const auto reader = readers_.find(walk.text());
    if (reader == readers_.end()) return false;
    const std::string path = walk.text();
    const std::string name = walk.text();
    const std::string form = walk.text();
    const std::string scratch = walk.text();
    PageLimits limits;
    limits.most_pages = static_cast<int>(walk.number());
    limits.dpi = static_cast<int>(walk.number());
    limits.time_limit = std::chrono::seconds(walk.number());
    limits.active_content = walk.text() == "1";
    const std::int64_t first = walk.number();
    const bool only_one = walk.text() == "1";
    // A PDF becomes one picture a page; anything else is a file whose pages the plugin knows.
    std::vector<std::filesystem::path> pictures;
    std::optional<Document> document;
    std::uint32_t pages = 0;
    try {
      if (!scratch.empty() && is_pdf(path)) pictures = page_images_of(path, scratch, limits);
      if (pictures.empty()) {
        document.emplace(reader->second.engine.open(path));
        pages = document->page_count();
      } else {
        pages = static_cast<std::uint32_t>(pictures.size());
      }
    } catch (const Error& error) {
      return answers_.send({"unopened", hosts::without_path(error.what(), path)});
    } catch (const DocumentError& error) {
      return answers_.send({"unopened", error.what()});
    }
    if (pages == 0) return answers_.send({"unopened", "the file has no pages"});
    if (!answers_.send({"opened", std::to_string(pages)})) return false;
    for (auto page = static_cast<std::uint32_t>(first); page <= pages; ++page) {
      hosts::PageRecord record;
      record.file = name;
      record.page = page;
      record.pages = pages;
      ReadOptions options;
      options.form_id = form;
      options.today = hosts::local_day();
      options.correlation_id = hosts::printable(name) + '#' + std::to_string(page);
      try {
        if (!pictures.empty()) document.emplace(reader->second.engine.open(pictures[page - 1]));
        const inkfield_image image = document->page(pictures.empty() ? page - 1 : 0);
        record.while_reading = true;
        record.result.emplace(reader->second.session.read_page(image, options));
      } catch (const Error& error) {
        record.status = error.status();
        record.error = hosts::without_path(error.what(), pictures.empty() ? path : pictures[page - 1].string());
      }
      if (!answers_.send(message_of(reading_of(record)))) return false;
      if (only_one) break;
    }
    return answers_.send({"end"});
  }

  bool cut_pictures(MessageWalk& walk) {
    const auto reader = readers_.find(walk.text());
    if (reader == readers_.end()) return false;
    const std::string path = walk.text();
    const std::string scratch = walk.text();
    const std::string folder = walk.text();
    DocumentOutcome outcome;
    for (std::int64_t pages = walk.number(); pages > 0; --pages) outcome.pages.push_back(page_outcome_of(walk));
    try {
      std::map<int, std::filesystem::path> drawn;
      if (!scratch.empty()) drawn = drawn_pages(scratch);
      std::optional<Document> document;
      const auto image_of = [&](int page) {
        if (!drawn.empty()) document.emplace(reader->second.engine.open(drawn.at(page)));
        if (!document) document.emplace(reader->second.engine.open(path));
        return document->page(drawn.empty() ? static_cast<std::uint32_t>(page - 1) : 0);
      };
      write_review_crops(outcome, image_of, folder);
      return answers_.send({"pictured"});
    } catch (const std::system_error& error) {
      return answers_.send({"not_pictured", std::to_string(error.code().value()), error.what()});
    } catch (const std::exception& error) {  // no memory, most likely
      return answers_.send({"not_pictured", "0", error.what()});
    }
  }

  Answers answers_;
  std::map<std::string, Reader> readers_;
};

}  // namespace

int run_page_worker() {
  // Whatever a library prints must not get among the answers.
  const int in = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  const int out = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (in == -1 || out == -1 || null == -1) return 1;
  ::dup2(null, STDIN_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  std::signal(SIGPIPE, SIG_IGN);
  // When memory runs out, the system shall end a worker and not the service.
  if (std::FILE* score = std::fopen("/proc/self/oom_score_adj", "we")) {
    std::fputs("500", score);
    std::fclose(score);
  }
  PageWorker worker(out);
  MessageReader requests;
  std::array<char, 1 << 14> piece{};
  for (;;) {
    const ssize_t n = ::read(in, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return 0;
    requests.take(std::string_view(piece.data(), static_cast<std::size_t>(n)));
    while (const std::optional<Message> request = requests.next()) {
      if (!worker.handle(*request)) return 1;
    }
  }
}

}  // namespace inkfield::watch_folder

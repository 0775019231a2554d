// The program `inkfieldd`: reads the images that are dropped into folders.
#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/Exception.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/NumberParser.h>
#include <Poco/PatternFormatter.h>
#include <Poco/Util/HelpFormatter.h>
#include <Poco/TemporaryFile.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionSet.h>
#include <Poco/Util/ServerApplication.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/hosts/common/exit_status.h"
#include "adapters/hosts/common/precision.h"
#include "adapters/hosts/common/printable.h"
#include "adapters/hosts/common/tile_registers.h"
#include "adapters/hosts/watch_folder/claims.h"
#include "adapters/hosts/watch_folder/journal.h"
#include "adapters/hosts/watch_folder/once_report.h"
#include "adapters/hosts/watch_folder/page_worker.h"
#include "adapters/hosts/watch_folder/preparation.h"
#include "adapters/hosts/watch_folder/service.h"
#include "adapters/hosts/watch_folder/settings.h"
#include "adapters/hosts/watch_folder/status/service_log.h"
#include "adapters/hosts/watch_folder/status/service_manager.h"
#include "adapters/hosts/watch_folder/status/status_server.h"
#include "adapters/hosts/watch_folder/status/status_text.h"
#include "adapters/hosts/watch_folder/status_board.h"

namespace {

using Poco::Util::Option;
using Poco::Util::OptionCallback;
using namespace inkfield::watch_folder;

class WatchFolderApplication : public Poco::Util::ServerApplication {
 protected:
  void initialize(Application& self) override {
    setUnixOptions(true);
    Poco::AutoPtr<Poco::PatternFormatter> formatter(new Poco::PatternFormatter("%Y-%m-%dT%H:%M:%S.%iZ %p %t"));
    Poco::AutoPtr<Poco::ConsoleChannel> console(new Poco::ConsoleChannel(std::cerr));
    Poco::AutoPtr<Poco::FormattingChannel> channel(new Poco::FormattingChannel(formatter, console));
    Poco::Logger::root().setChannel(channel);
    Poco::Logger::setChannel("", channel);
    ServerApplication::initialize(self);
  }

  void defineOptions(Poco::Util::OptionSet& options) override {
    ServerApplication::defineOptions(options);
    const auto add = [&](const char* name, const char* letter, const char* help, const char* argument) {
      Option option(name, letter, help);
      if (argument != nullptr) option.argument(argument);
      option.repeatable(true).callback(OptionCallback<WatchFolderApplication>(this, &WatchFolderApplication::take));
      options.addOption(option);
    };
    add("help", "h", "print this help", nullptr);
    add("config", "c", "configuration file; its keys stand in the manual and in --check-config", "FILE");
    add("check-config", "", "explain the configuration, check it with its templates, and end", nullptr);
    add("once", "", "read what is there, tell in one line what became of it, and end; exit status as of inkfield read", nullptr);
    add("templates", "t", "form templates of the folders named on the command line; may be given again", "FILE_OR_FOLDER");
    add("output", "o", "where done/, review/, failed/ and duplicates/ lie; WATCHED_FOLDER.out if left out", "FOLDER");
    add("state", "", "where the journal lies; on a local disk, one for each service", "FOLDER");
    add("model", "m", "network: an ONNX file, or open or research as shipped", "FILE");
    add("precision", "", "how the network calculates: fastest (int8 if its file has ranges for it, else float32), float32 or int8", "PRECISION");
  }

  int main(const std::vector<std::string>& arguments) override {
    if (help_) {
      Poco::Util::HelpFormatter formatter(options());
      formatter.setUnixStyle(true);
      formatter.setWidth(110);
      formatter.setCommand(commandName());
      formatter.setUsage("[--once | --check-config] (--config FILE | [--templates FILE_OR_FOLDER] WATCHED_FOLDER...)");
      formatter.setHeader("Reads images dropped into folders and files them under done/, review/ or failed/. SIGHUP reads configuration and templates anew.\n`inkfieldd status PORT` shows what a running service does.");
      formatter.format(std::cout);
      return inkfield::hosts::kExitDone;
    }
    try {
      return check_config_ ? check(arguments) : serve(arguments);
    } catch (const SettingsError& error) {
      log(INKFIELD_LOG_ERROR, error.what());
      return inkfield::hosts::kExitUsage;
    } catch (const JournalError& error) {
      log(INKFIELD_LOG_ERROR, error.what());
      return inkfield::hosts::kExitUsage;
    } catch (const std::exception& error) {
      log(INKFIELD_LOG_ERROR, error.what());
      return inkfield::hosts::kExitUnreadable;
    }
  }

 private:
  using Faults = Preparation::Faults;

  [[nodiscard]] Log log_function() {
    return [this](inkfield_log_level level, const std::string& message) { log(level, message); };
  }

  /// Prints every setting with its origin and what the templates hold; changes nothing but a scratch folder.
  int check(const std::vector<std::string>& arguments) {
    const Settings settings = complete_settings(arguments);
    const Poco::TemporaryFile place;
    const Preparation preparation(settings, place.path(), log_function(), Faults::left_out);
    for (const ExplainedSetting& setting : explained(settings)) {
      std::cout << inkfield::hosts::printable(setting.key + " = " + setting.value) << "  (" << inkfield::hosts::printable(setting.origin) << ")\n";
    }
    for (const PreparedFolder& folder : preparation.folders) {
      std::cout << "# folder " << inkfield::hosts::printable(folder.settings.name) << " reads";
      for (const std::string& form : folder.forms) std::cout << ' ' << inkfield::hosts::printable(form);
      std::cout << '\n';
    }
    return inkfield::hosts::kExitDone;
  }

  int serve(const std::vector<std::string>& arguments) {
    const Settings first = complete_settings(arguments);
    ServiceManager manager;
    ServiceManager::forget_environment();
    if (!first.log.empty()) service_log_ = std::make_unique<ServiceLog>(LogFile{first.log});
    std::unique_ptr<AuditTrail> audit;
    if (!first.audit.empty()) audit = std::make_unique<AuditTrail>(first.audit);
    Journal journal(first.state);
    journal.forget_after(first.journal_days);
    const std::filesystem::path copies = first.state / "templates";
    std::error_code ignored;
    std::filesystem::remove_all(first.state / "scratch", ignored);
    std::filesystem::remove_all(copies, ignored);  // of a run that was killed; the journal's lock says that nobody uses them
    StatusBoard board;
    board.note_version(INKFIELD_VERSION);
    std::unique_ptr<StatusServer> server;
    if (first.status_port != 0) {
      server = std::make_unique<StatusServer>(static_cast<std::uint16_t>(first.status_port), [&board] { return board.snapshot(); });
    }
    const auto began = std::chrono::steady_clock::now();
    std::jthread watcher;  // ends before the board and the line do
    if (once_ && ::isatty(STDERR_FILENO) == 1) {
      progress_ = std::make_unique<ProgressLine>(STDERR_FILENO);
      watcher = std::jthread([this, &board](const std::stop_token& stop) { show_progress(board, stop); });
    }
    auto preparation = std::make_unique<Preparation>(first, copies / random_id(), log_function(), Faults::left_out);
    for (;;) {
      Service service(std::move(preparation), journal, board, log_function(), audit.get(), &manager);
      manager.ready();
      std::exception_ptr failure;
      std::atomic<bool> ended = false;
      std::jthread worker([&](std::stop_token stop) {
        try {
          service.run(stop, once_);
        } catch (...) {
          failure = std::current_exception();
        }
        ended = true;
        if (!stop.stop_requested()) ::kill(::getpid(), SIGTERM);  // the wait below ends
      });
      std::unique_ptr<Preparation> next;
      for (;;) {
        const int signal = wait_for_signal();
        if (signal != SIGHUP) break;
        if (ended) continue;
        manager.reloading();
        next = reloaded(arguments, service.settings(), copies);
        if (next) break;
        manager.ready();
      }
      if (!next) {
        manager.stopping();
        worker.request_stop();
        worker.join();
        if (failure) std::rethrow_exception(failure);
        log(INKFIELD_LOG_INFO, "ended");
        if (once_) {
          watcher = {};
          progress_.reset();
          const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
          std::cout << once_summary(board.snapshot(), seconds.count()) << std::flush;
        }
        return once_ ? service.status().value() : inkfield::hosts::kExitDone;
      }
      service.drain();
      worker.join();
      if (failure) std::rethrow_exception(failure);
      wait_for_signal();  // the one that told of the end
      preparation = std::move(next);
      log(INKFIELD_LOG_INFO, "the new configuration and templates are in use");
    }
  }

  void show_progress(const StatusBoard& board, const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any ended;
    do {
      progress_->show(once_progress(board.snapshot()));
    } while (!ended.wait_for(lock, stop, std::chrono::milliseconds(200), [&] { return stop.stop_requested(); }));
  }

  /// Nothing, and the old go on, if the new settings or templates have any fault.
  std::unique_ptr<Preparation> reloaded(const std::vector<std::string>& arguments, const Settings& old, const std::filesystem::path& copies) {
    try {
      const Settings settings = complete_settings(arguments);
      if (settings.state != old.state || settings.log != old.log || settings.audit != old.audit || settings.status_port != old.status_port) {
        throw SettingsError("another state, log, audit or status_port needs a new start");
      }
      make_folders(settings);
      return std::make_unique<Preparation>(settings, copies / random_id(), log_function(), Faults::refused);
    } catch (const std::exception& error) {
      log(INKFIELD_LOG_ERROR, std::string("the old configuration and templates stay in use: ") + error.what());
      return nullptr;
    }
  }

  static int wait_for_signal() {
    sigset_t awaited;
    sigemptyset(&awaited);
    for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP}) sigaddset(&awaited, signal);
    int signal = 0;
    while (::sigwait(&awaited, &signal) != 0) {
    }
    return signal;
  }

  void take(const std::string& name, const std::string& value) {
    if (name == "help") {
      help_ = true;
      stopOptionsProcessing();
    } else if (name == "once") {
      once_ = true;
    } else if (name == "check-config") {
      check_config_ = true;
    } else if (name == "state") {
      state_ = value;
    } else if (name == "config") {
      config_ = value;
    } else if (name == "templates") {
      templates_.push_back(value);
    } else if (name == "output") {
      output_ = value;
    } else if (name == "model") {
      model_ = value;
    } else if (name == "precision") {
      precision_ = value;
    }
  }

  [[nodiscard]] Settings complete_settings(const std::vector<std::string>& watched) const {
    Settings settings;
    if (!config_.empty()) {
      if (!watched.empty() || !templates_.empty() || !output_.empty() || !state_.empty() || !model_.empty() || !precision_.empty()) {
        throw SettingsError("with --config, folders, templates, output, state, model and precision stand in the file");
      }
      settings = load_settings(start_folder_ / config_);
    } else {
      if (watched.empty()) throw SettingsError("no folder to watch; inkfieldd --help tells more");
      if (watched.size() > 1 && !output_.empty()) throw SettingsError("--output goes with one watched folder; use --config for more");
      const std::filesystem::path model = start_folder_ / model_;
      settings.model = !model_.empty() && std::filesystem::exists(model) ? model.string() : model_;
      if (!inkfield::hosts::precision_named(precision_)) {
        throw SettingsError("--precision " + precision_ + ": " + inkfield::hosts::kPrecisionWords);
      }
      settings.precision = precision_;
      std::vector<std::string> templates;
      for (const std::string& path : templates_) templates.push_back(start_folder_ / path);
      const std::filesystem::path output = output_.empty() ? std::filesystem::path() : start_folder_ / output_;
      for (const std::string& name : watched) {
        FolderSettings folder;
        folder.name = name;
        folder.watch = start_folder_ / name;
        folder.output = output;
        folder.templates = templates;
        settings.folders.push_back(std::move(folder));
      }
      if (!state_.empty()) settings.state = start_folder_ / state_;
    }
    complete(settings);
    return settings;
  }

  /// Any thread.
  void log(inkfield_log_level level, const std::string& message) {
    if (service_log_) {
      service_log_->write(level == INKFIELD_LOG_ERROR ? LogLevel::error : level == INKFIELD_LOG_WARNING ? LogLevel::warning : LogLevel::info, "service",
                          {{"text", inkfield::hosts::printable(message)}});
      if (level > INKFIELD_LOG_ERROR) return;
    }
    const std::string line = inkfield::hosts::printable(message);
    if (progress_) {
      progress_->above([&] { print(level, line); });
    } else {
      print(level, line);
    }
  }

  void print(inkfield_log_level level, const std::string& line) {
    switch (level) {
      case INKFIELD_LOG_ERROR:
        logger().error(line);
        break;
      case INKFIELD_LOG_WARNING:
        logger().warning(line);
        break;
      default:
        logger().information(line);
        break;
    }
  }

  const std::filesystem::path start_folder_ = std::filesystem::current_path();  // --daemon changes to the root folder
  std::unique_ptr<ServiceLog> service_log_;
  std::unique_ptr<ProgressLine> progress_;  ///< with --once on a terminal
  bool help_ = false;
  bool once_ = false;
  bool check_config_ = false;
  std::string config_;
  std::string output_;
  std::string state_;
  std::string model_;
  std::string precision_;
  std::vector<std::string> templates_;
};

/// `inkfieldd status PORT`
int print_status(int argc, char** argv) {
  int port = 0;
  if (argc != 3 || !Poco::NumberParser::tryParse(argv[2], port) || port < 1 || port > 65535) {
    std::cerr << "usage: inkfieldd status PORT   (the configuration's status_port)\n";
    return inkfield::hosts::kExitUsage;
  }
  try {
    std::cout << render_status_text(fetch_status(static_cast<std::uint16_t>(port)));
    return inkfield::hosts::kExitDone;
  } catch (const std::exception& error) {
    std::cerr << "inkfieldd: " << error.what() << '\n';
    return inkfield::hosts::kExitUnreadable;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--worker") {
    inkfield::hosts::ask_for_tile_registers();
    return inkfield::watch_folder::run_page_worker();
  }
  if (argc >= 2 && std::string_view(argv[1]) == "status") return print_status(argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file over the limit is an error like a full disk, not the end
  // Before any thread starts, so that only the waiting main thread ever gets these.
  sigset_t ending;
  sigemptyset(&ending);
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP}) sigaddset(&ending, signal);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  try {
    WatchFolderApplication application;
    const int status = application.run(argc, argv);
    const bool usage = status == Poco::Util::Application::EXIT_CONFIG || status == Poco::Util::Application::EXIT_USAGE;
    return usage ? inkfield::hosts::kExitUsage : status;
  } catch (const Poco::Exception& error) {
    std::cerr << "inkfieldd: " << error.displayText() << '\n';
    return inkfield::hosts::kExitUsage;
  }
}

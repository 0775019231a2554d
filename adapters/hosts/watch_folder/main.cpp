// The program `inkfieldd`: reads the images that are dropped into folders.
#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/Exception.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/PatternFormatter.h>
#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionSet.h>
#include <Poco/Util/ServerApplication.h>

#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/hosts/common/exit_status.h"
#include "adapters/hosts/common/precision.h"
#include "adapters/hosts/common/printable.h"
#include "adapters/hosts/watch_folder/service.h"
#include "adapters/hosts/watch_folder/settings.h"

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
    add("config", "c", "configuration file: folder.NAME.watch, .templates, .output, .form; settle_ms, poll_ms, model, precision, tessdata, languages", "FILE");
    add("once", "", "read what is there and end; exit status as of inkfield read", nullptr);
    add("templates", "t", "form templates of the folders named on the command line; may be given again", "FILE_OR_FOLDER");
    add("output", "o", "where done/, review/ and failed/ lie; the watched folder itself if left out", "FOLDER");
    add("model", "m", "network: an ONNX file, or open or research as shipped", "FILE");
    add("precision", "", "how the network calculates: float32, or int8 where its file has ranges for it", "PRECISION");
  }

  int main(const std::vector<std::string>& arguments) override {
    if (help_) {
      Poco::Util::HelpFormatter formatter(options());
      formatter.setUnixStyle(true);
      formatter.setWidth(110);
      formatter.setCommand(commandName());
      formatter.setUsage("[--once] (--config FILE | [--templates FILE_OR_FOLDER] WATCHED_FOLDER...)");
      formatter.setHeader("Reads images dropped into folders and files them under done/, review/ or failed/.");
      formatter.format(std::cout);
      return inkfield::hosts::kExitDone;
    }
    try {
      Service service(settings(arguments), [this](inkfield_log_level level, const std::string& message) { log(level, message); });
      std::exception_ptr failure;
      std::jthread worker([&](std::stop_token stop) {
        try {
          service.run(stop, once_);
        } catch (...) {
          failure = std::current_exception();
        }
        if (!stop.stop_requested()) terminate();  // a signal to ourselves: the wait below ends
      });
      waitForTerminationRequest();
      worker.request_stop();
      worker.join();
      if (failure) std::rethrow_exception(failure);
      log(INKFIELD_LOG_INFO, "ended");
      return once_ ? service.status().value() : inkfield::hosts::kExitDone;
    } catch (const SettingsError& error) {
      log(INKFIELD_LOG_ERROR, error.what());
      return inkfield::hosts::kExitUsage;
    } catch (const std::exception& error) {
      log(INKFIELD_LOG_ERROR, error.what());
      return inkfield::hosts::kExitUnreadable;
    }
  }

 private:
  void take(const std::string& name, const std::string& value) {
    if (name == "help") {
      help_ = true;
      stopOptionsProcessing();
    } else if (name == "once") {
      once_ = true;
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

  [[nodiscard]] Settings settings(const std::vector<std::string>& watched) const {
    Settings settings;
    if (!config_.empty()) {
      if (!watched.empty() || !templates_.empty() || !output_.empty() || !model_.empty() || !precision_.empty()) {
        throw SettingsError("with --config, folders, templates, output, model and precision stand in the file");
      }
      settings = load_settings(start_folder_ / config_);
    } else {
      if (watched.empty()) throw SettingsError("no folder to watch; inkfieldd --help tells more");
      if (watched.size() > 1 && !output_.empty()) throw SettingsError("--output goes with one watched folder; use --config for more");
      const std::filesystem::path model = start_folder_ / model_;
      settings.model = !model_.empty() && std::filesystem::exists(model) ? model.string() : model_;
      if (!precision_.empty() && inkfield::hosts::precision_named(precision_) == 0) {
        throw SettingsError("--precision " + precision_ + ": there are float32 and int8");
      }
      settings.precision = precision_;
      std::vector<std::string> templates;
      for (const std::string& path : templates_) templates.push_back(start_folder_ / path);
      const std::filesystem::path output = output_.empty() ? std::filesystem::path() : start_folder_ / output_;
      for (const std::string& folder : watched) settings.folders.push_back({folder, start_folder_ / folder, output, templates, ""});
    }
    complete(settings);
    return settings;
  }

  void log(inkfield_log_level level, const std::string& message) {
    const std::string line = inkfield::hosts::printable(message);
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
  bool help_ = false;
  bool once_ = false;
  std::string config_;
  std::string output_;
  std::string model_;
  std::string precision_;
  std::vector<std::string> templates_;
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  // Before any thread starts, so that only the waiting main thread ever gets these.
  sigset_t ending;
  sigemptyset(&ending);
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM}) sigaddset(&ending, signal);
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

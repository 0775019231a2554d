// What an inkfield_engine is: settings, network, templates. Immutable after creation, counted, shared by
// threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "adapters/engines/tesseract/printed_text.h"
#include "adapters/engines/zxing/barcodes.h"
#include "config/template_loader.h"
#include "inkfield/inkfield.h"
#include "plugin/pipeline/form_reader.h"

namespace inkfield::abi {

inline constexpr std::int64_t kDefaultMaxPixels = 200'000'000;

/// Messages to the host. Callable from any thread, as the host's function must be.
class Log {
 public:
  Log() = default;
  explicit Log(const inkfield_engine_options& options)
      : function_(options.log),
        user_(options.log_user),
        level_(options.log_level == 0 ? INKFIELD_LOG_WARNING : options.log_level),
        values_(options.log_field_values != 0) {}
  [[nodiscard]] bool wants(inkfield_log_level level) const { return function_ != nullptr && level <= level_; }
  /// Whether field values may appear.
  [[nodiscard]] bool values() const { return values_; }
  void operator()(inkfield_log_level level, const std::string& message) const {
    if (wants(level)) function_(user_, level, message.c_str());
  }

 private:
  inkfield_log_fn function_ = nullptr;
  void* user_ = nullptr;
  inkfield_log_level level_ = INKFIELD_LOG_WARNING;
  bool values_ = false;
};

}  // namespace inkfield::abi

struct inkfield_engine {
  /// Throws Error for what the host must know at once; bad templates become `faults` unless it is strict.
  explicit inkfield_engine(const inkfield_engine_options& options);

  /// What a session reads fields with that need a library of others. Throws Error(unavailable) if some template needs
  /// one that is not there.
  [[nodiscard]] inkfield::pipeline::FieldEngines field_engines() const;
  /// Throws Error(unavailable) if fields of that kind cannot be read here.
  void require_engine_of(inkfield::config::FieldKind kind) const;

  std::atomic<std::uint32_t> references{1};
  inkfield::abi::Log log;
  std::int64_t max_page_pixels = inkfield::abi::kDefaultMaxPixels;
  std::shared_ptr<const inkfield::pipeline::FormCatalogue> catalogue;
  std::vector<inkfield::config::Fault> faults;
  inkfield::tesseract::PrintedTextSettings
      printed_text;                  ///< folder found, if `printed_text_missing` is empty
  std::string printed_text_missing;  ///< why printed text cannot be read; "" if it can
  std::string barcode_module = inkfield::zxing::module_beside_library();
  std::set<inkfield::config::FieldKind> kinds;  ///< that the templates have

 private:
  void load_templates(const inkfield_engine_options& options);
  void take(inkfield::config::Loaded<inkfield::config::FormTemplate> loaded,
            inkfield::pipeline::FormCatalogue& into);
};

namespace inkfield::abi {

/// Holds one reference.
class EngineReference {
 public:
  explicit EngineReference(inkfield_engine* engine) : engine_(engine) {
    engine_->references.fetch_add(1, std::memory_order_relaxed);
  }
  EngineReference(const EngineReference&) = delete;
  EngineReference& operator=(const EngineReference&) = delete;
  ~EngineReference() { release(engine_); }
  inkfield_engine* operator->() const { return engine_; }
  static void release(inkfield_engine* engine) {
    if (engine->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete engine;
  }

 private:
  inkfield_engine* engine_;
};

}  // namespace inkfield::abi

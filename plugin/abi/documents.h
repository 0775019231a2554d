// What an inkfield_document is: an opened image file that keeps its engine and its last page.
#pragma once

#include <memory>

#include "inkfield/inkfield.h"
#include "plugin/abi/engine.h"
#include "plugin/page/image_source.h"

struct inkfield_document {
  inkfield_document(inkfield_engine* engine, std::unique_ptr<inkfield::page::ImageSource> source)
      : engine_(engine), source_(std::move(source)) {}
  [[nodiscard]] std::uint32_t page_count() const { return static_cast<std::uint32_t>(source_->page_count()); }
  /// The page before is freed first, so that one page at a time is in memory; if decoding fails there is
  /// none.
  [[nodiscard]] inkfield_image page(std::uint32_t index);

 private:
  inkfield::abi::EngineReference engine_;
  std::unique_ptr<inkfield::page::ImageSource> source_;
  inkfield::page::DecodedImage decoded_;
};

namespace inkfield::abi {
const inkfield_files_api& files_api();
}

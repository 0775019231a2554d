// The extension "inkfield.files/1".
#include "plugin/abi/documents.h"

#include <climits>
#include <vector>

#include "adapters/engines/leptonica/image_files.h"
#include "plugin/abi/boundary.h"
#include "recognizer/error.h"

inkfield_image inkfield_document::page(std::uint32_t index) {
  if (index >= page_count()) {
    throw inkfield::Error(inkfield::ErrorKind::not_found, "the document has " + std::to_string(page_count()) +
                                                              " pages; there is no page " +
                                                              std::to_string(index) + ", counted from 0");
  }
  decoded_ = {};
  decoded_ = source_->decode(static_cast<int>(index), engine_->max_page_pixels);
  inkfield_image image{};
  image.struct_size = sizeof image;
  image.format = decoded_.channels == 3 ? INKFIELD_PIXELS_RGB24 : INKFIELD_PIXELS_GRAY8;
  image.pixels = decoded_.pixels.data();
  image.pixels_bytes = decoded_.pixels.size();
  image.stride_bytes = std::int64_t{decoded_.width_px} * decoded_.channels;
  image.width_px = decoded_.width_px;
  image.height_px = decoded_.height_px;
  image.dpi_x = decoded_.dpi_x;
  image.dpi_y = decoded_.dpi_y;
  return image;
}

namespace inkfield::abi {
namespace {

inkfield_status document_open(inkfield_engine* engine, const char* path, inkfield_document** document,
                              inkfield_error* error) {
  return guarded(error, [&] {
    required(engine, "engine");
    required(document, "document");
    auto made =
        std::make_unique<inkfield_document>(engine, leptonica::open_image_file(required(path, "path")));
    *document = made.release();
  });
}

inkfield_status document_open_memory(inkfield_engine* engine, const void* bytes, std::uint64_t bytes_count,
                                     inkfield_document** document, inkfield_error* error) {
  return guarded(error, [&] {
    required(engine, "engine");
    required(document, "document");
    const auto* begin = static_cast<const std::uint8_t*>(required(bytes, "bytes"));
    if (bytes_count > static_cast<std::uint64_t>(leptonica::kMaxFileBytes)) {
      throw Error(ErrorKind::limit_exceeded,
                  "the image in memory is over " + std::to_string(leptonica::kMaxFileBytes) + " bytes");
    }
    auto made = std::make_unique<inkfield_document>(
        engine, leptonica::open_image_bytes(std::vector<std::uint8_t>(begin, begin + bytes_count),
                                            "the image in memory"));
    *document = made.release();
  });
}

void document_close(inkfield_document* document) { delete document; }

std::uint32_t document_page_count(const inkfield_document* document) {
  return document == nullptr ? 0 : document->page_count();
}

inkfield_status document_page(inkfield_document* document, std::uint32_t page, inkfield_image* image,
                              inkfield_error* error) {
  return guarded(error, [&] {
    required(document, "document");
    check_struct(image, kFirstSize<inkfield_image>, "image");
    fill_out(image, document->page(page));
  });
}

}  // namespace

const inkfield_files_api& files_api() {
  static constexpr inkfield_files_api kTable = {sizeof(inkfield_files_api),
                                                0,
                                                document_open,
                                                document_open_memory,
                                                document_close,
                                                document_page_count,
                                                document_page};
  return kTable;
}

}  // namespace inkfield::abi

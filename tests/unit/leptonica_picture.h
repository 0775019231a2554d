// A picture of Leptonica's that frees itself.
#pragma once

#include <leptonica/allheaders.h>

#include <memory>

namespace inkfield::watch_folder {

struct PixDeleter {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
using Picture = std::unique_ptr<Pix, PixDeleter>;

}  // namespace inkfield::watch_folder

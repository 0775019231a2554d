/* What the barcode module gives to the plugin: two C functions, looked up by name. ZXing comes only as a shared
 * library, so it is linked into this small module and not into the plugin, whose host may carry a ZXing of its own. */
#ifndef INKFIELD_BARCODE_MODULE_H
#define INKFIELD_BARCODE_MODULE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INKFIELD_BARCODE_MODULE_VERSION 1

/* One code that was found; lives during the call of the sink only. */
typedef struct inkfield_found_barcode {
  const char* bytes;      /* what the code holds, as it is */
  uint64_t bytes_count;
  const char* text;       /* the same as UTF-8, by what the code says of its own encoding or else by a guess */
  uint64_t text_bytes;
  uint32_t symbology;     /* one bit, in the order of inkfield::config::Symbology */
  int32_t lines;          /* one-dimensional codes: how many rows of pixels agreed */
  int32_t corners_px[8];  /* x, y of top left, top right, bottom right, bottom left */
} inkfield_found_barcode;

typedef void (*inkfield_barcode_sink)(void* user, const inkfield_found_barcode* found);

typedef int32_t (*inkfield_barcode_version_fn)(void);
/* 8-bit gray, rows of stride_bytes. symbologies is a set of bits. Calls the sink for every code found. Returns 0, or -1 if
 * the library failed. */
typedef int32_t (*inkfield_barcode_read_fn)(const uint8_t* gray, int32_t width_px, int32_t height_px, int32_t stride_bytes,
                                            uint32_t symbologies, inkfield_barcode_sink sink, void* user);

#ifdef __cplusplus
}
#endif
#endif

/* Inkfield: reads the fields of paper forms. The whole public contract, C99.
 *
 * One exported symbol, inkfield_get_api(), hands out a table of functions. The table only ever grows at its end:
 * ask for a function with INKFIELD_HAS(api, member). Every struct begins with struct_size, set by the host to the
 * sizeof it was compiled with; zero in any other member means the default. Structs never cross in arrays: the host
 * brings one, sized, and the call fills it. Text is UTF-8, zero-terminated. Lengths ending in _px are pixels of
 * the host's image, _mm millimetres on the form, _ms milliseconds, _bytes bytes.
 *
 * Threads. [any] may be called from any thread at any time on the same object; [session] one call at a time for a
 * given session, from any thread. An engine is immutable after creation and shared; make one session a thread.
 *
 * Failure. Calls return an inkfield_status. On failure outputs are untouched and the error, if one was given, holds
 * what was wrong, where, and what to do. A field that cannot be read is a field state, never a failed call.
 *
 * The guest. The plugin starts no threads, installs no signal handler, never changes the locale or the environment and
 * never writes to stdout. Leptonica's message level and Tesseract's debug_file are process-wide: the plugin silences
 * them unless the host has set a level (LEPT_MSG_SEVERITY, setMsgSeverity) or options.keep_third_party_messages. libpng
 * and libjpeg may still name what is wrong with a damaged file on stderr.
 * On processors with AMX the network is twice as fast in a process that asked Linux for these registers before its first engine,
 * syscall(SYS_arch_prctl, 0x1023, 18). The plugin does not ask: threads with a signal stack of their own then need a larger one.
 * Field values are people's data: they never appear in a log message unless options.log_field_values is 1.
 */
#ifndef INKFIELD_INKFIELD_H
#define INKFIELD_INKFIELD_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define INKFIELD_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define INKFIELD_EXPORT __attribute__((visibility("default")))
#else
#define INKFIELD_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define INKFIELD_ABI_MAJOR 1u
#define INKFIELD_HAS(api, member) \
  ((api)->struct_size >= offsetof(inkfield_api, member) + sizeof((api)->member) && (api)->member != NULL)

typedef int32_t inkfield_status;
#define INKFIELD_OK 0
#define INKFIELD_INVALID_ARGUMENT 1   /* null, a struct_size of no known version, a bad stride, an unknown name */
#define INKFIELD_INVALID_TEMPLATE 2   /* a form template or field definition was refused */
#define INKFIELD_INVALID_MODEL 3      /* a network file was refused */
#define INKFIELD_INVALID_IMAGE 4      /* a file is no image that we read, or is damaged */
#define INKFIELD_LIMIT_EXCEEDED 5     /* over the pixel budget, or another limit that the message names */
#define INKFIELD_NOT_FOUND 6          /* a file, folder, form id, field id, page or index that is not there */
#define INKFIELD_CANCELLED 7          /* the progress callback said stop */
#define INKFIELD_DEADLINE_EXCEEDED 8  /* options.deadline_ms ran out */
#define INKFIELD_OUT_OF_MEMORY 9
#define INKFIELD_UNAVAILABLE 10       /* something needed is not there, for instance Tesseract's language data */
#define INKFIELD_IO_ERROR 11          /* a file could not be read or written */
#define INKFIELD_INTERNAL 12          /* a fault of ours; please report it */

typedef struct inkfield_engine inkfield_engine;     /* models, templates, settings; immutable, reference counted */
typedef struct inkfield_session inkfield_session;   /* scratch memory and one OCR object; keeps its engine alive */
typedef struct inkfield_result inkfield_result;     /* what was read from one page; outlives its session */
typedef struct inkfield_faults inkfield_faults;     /* a list of template faults */
typedef struct inkfield_document inkfield_document; /* an opened image file, page by page */

/* Brought by the host. buffer may be NULL; required_bytes is set to what the whole message needs with its zero.
 * A message is cut only between UTF-8 characters. */
typedef struct inkfield_error {
  uint32_t struct_size;
  uint32_t buffer_bytes;
  char* buffer;
  uint64_t required_bytes;
} inkfield_error;

typedef int32_t inkfield_pixel_format;
#define INKFIELD_PIXELS_GRAY8 1
#define INKFIELD_PIXELS_RGB24 2
#define INKFIELD_PIXELS_BGR24 3
#define INKFIELD_PIXELS_RGBA32 4
#define INKFIELD_PIXELS_BGRA32 5
#define INKFIELD_PIXELS_BILEVEL_BLACK_IS_0 6 /* 8 pixels a byte, most significant bit leftmost */
#define INKFIELD_PIXELS_BILEVEL_BLACK_IS_1 7

/* Pixels are borrowed for the call. Alpha is blended over white. dpi 0 means unknown; a wrong one does no harm. */
typedef struct inkfield_image {
  uint32_t struct_size;
  inkfield_pixel_format format;
  const void* pixels;
  uint64_t pixels_bytes; /* size of the memory at pixels; at least (height - 1) * stride + the bytes of one row */
  int64_t stride_bytes;  /* 0: rows are packed; negative strides are refused */
  int32_t width_px;
  int32_t height_px;
  double dpi_x;
  double dpi_y;
} inkfield_image;

typedef struct inkfield_point {
  double x;
  double y;
} inkfield_point;

/* Corners in the order top left, top right, bottom right, bottom left as the form is read, in source pixels
 * (pixel centres lie at .5). A page fed upside down has its top left corner at the picture's bottom right. */
typedef struct inkfield_quad {
  inkfield_point corner[4];
} inkfield_quad;

typedef int32_t inkfield_log_level;
#define INKFIELD_LOG_ERROR 1
#define INKFIELD_LOG_WARNING 2
#define INKFIELD_LOG_INFO 3
#define INKFIELD_LOG_DEBUG 4
/* Called from the thread that made the call; must not throw or call back into the same session. */
typedef void (*inkfield_log_fn)(void* user, inkfield_log_level level, const char* message);

/* Returns 0 to go on, anything else to cancel. fraction runs from 0 to 1, stage is a short English word. */
typedef int32_t (*inkfield_progress_fn)(void* user, double fraction, const char* stage);

typedef int32_t inkfield_precision;
#define INKFIELD_PRECISION_FLOAT32 1
#define INKFIELD_PRECISION_INT8 2 /* a quarter of the work for almost the same scores; UNAVAILABLE if the model's file has no ranges for it */

/* Templates come from template_paths first, then from templates_json. */
typedef struct inkfield_engine_options {
  uint32_t struct_size;
  int32_t strict;                    /* 1: one bad template fails engine_create; 0: it is reported and left out */
  const char* template_paths;        /* files or folders, separated by '\n'; NULL: none */
  const char* model_path;            /* an ONNX file, or a plain name such as "research"; NULL: "open" */
  const char* model_folder;          /* where named models lie; NULL: beside the library as installed */
  const char* tessdata_folder;       /* NULL: TESSDATA_PREFIX, then the distribution's. Data that is missing fails
                                        session_create (UNAVAILABLE) if some template has printed text, else
                                        only read_field of printed text */
  const char* languages;             /* as Tesseract names them, "eng+deu"; NULL: "eng" */
  const char* templates_json;        /* one template, or a JSON array of templates, in memory */
  uint64_t templates_json_bytes;     /* here and elsewhere, 0 beside a text: it ends at its zero */
  const void* model_bytes;           /* a model in memory, before model_path */
  uint64_t model_bytes_count;
  int64_t max_page_pixels;           /* pixel budget of one page; 0: 200 million */
  inkfield_log_fn log;
  void* log_user;
  int32_t log_level;                 /* most talkative level wanted; 0: INKFIELD_LOG_WARNING */
  int32_t log_field_values;          /* 1: field values may appear in messages */
  int32_t keep_third_party_messages; /* 1: leave Leptonica's and Tesseract's message levels alone */
  inkfield_precision precision;      /* how the network calculates; 0: INT8 if the model's file has ranges, else FLOAT32 */
} inkfield_engine_options;

typedef struct inkfield_form_info {
  uint32_t struct_size;
  uint32_t field_count;
  const char* id;   /* lives as long as the engine */
  const char* name;
  const char* source; /* file it came from, or "memory" */
  double width_mm;
  double height_mm;
} inkfield_form_info;

/* Lives as long as the engine or the fault list it came from. */
typedef struct inkfield_fault {
  uint32_t struct_size;
  uint32_t reserved;
  const char* source;       /* file, or "memory" */
  const char* json_pointer; /* RFC 6901, "" for the whole document */
  const char* message;      /* what was found, what was expected, what to do */
} inkfield_fault;

typedef struct inkfield_read_options {
  uint32_t struct_size;
  int32_t deadline_ms;         /* 0: none */
  const char* form_id;         /* NULL: chosen among the engine's templates */
  const char* field_ids;       /* ids separated by '\n'; NULL: all */
  const char* correlation_id;  /* copied into the result and every log message of the call */
  inkfield_progress_fn progress;
  void* progress_user;
  const char* explain_folder;  /* an existing folder: pictures of every step are written there; NULL: none */
  const char* today;           /* YYYY-MM-DD, for rules such as "no later than today"; NULL: they are not applied */
} inkfield_read_options;

typedef int32_t inkfield_page_state;
#define INKFIELD_PAGE_READ 1
#define INKFIELD_PAGE_UNKNOWN_FORM 2   /* fits no template, or not the one that the host named */
#define INKFIELD_PAGE_AMBIGUOUS_FORM 3 /* fits several and nothing tells them apart */
#define INKFIELD_PAGE_BLANK 4

typedef struct inkfield_page_info { /* lives as long as the result */
  uint32_t struct_size;
  inkfield_page_state state;
  const char* form_id;        /* "" unless state is INKFIELD_PAGE_READ */
  const char* reason;         /* why the state is not INKFIELD_PAGE_READ; "" otherwise */
  const char* correlation_id;
  const char* model_name;
  double form_confidence;     /* 0 to 1 */
  double registration_residual_mm; /* root mean square distance of what was printed from where it should be */
  double rotation_degrees;    /* clockwise, of the form in the picture; near 180 when fed upside down */
  double scale_px_per_mm;
  inkfield_quad form_quad;    /* the form's corners in source pixels */
  uint32_t field_count;
  uint32_t needs_review;      /* 1: some field, or the page itself, needs a person */
  uint32_t rule_count;        /* rules across fields; 0 unless state is INKFIELD_PAGE_READ */
  uint32_t reserved;
  const char* contradiction;  /* what on the page speaks against the form that the host named; "" if nothing does */
} inkfield_page_info;

typedef int32_t inkfield_field_state;
#define INKFIELD_FIELD_ACCEPTED 1
#define INKFIELD_FIELD_REVIEW 2
#define INKFIELD_FIELD_EMPTY 3  /* nothing written, and the field is optional */
#define INKFIELD_FIELD_FAILED 4 /* could not be read at all; reason says why */

typedef int32_t inkfield_field_kind;
#define INKFIELD_KIND_HANDWRITTEN_NUMBER 1
#define INKFIELD_KIND_PRINTED_TEXT 2
#define INKFIELD_KIND_CHECKBOX 3
#define INKFIELD_KIND_PRINTED_NUMBER 4
#define INKFIELD_KIND_CHECKBOX_GROUP 5
#define INKFIELD_KIND_BARCODE 6
#define INKFIELD_KIND_SIGNATURE 7
#define INKFIELD_KIND_MICR_LINE 8 /* later versions may add kinds; treat one you do not know as text */

typedef struct inkfield_field { /* lives as long as the result */
  uint32_t struct_size;
  inkfield_field_state state;
  const char* id;
  const char* text;       /* as read, under the field's format; check boxes: "checked" or "unchecked"; groups: the
                             values chosen, with commas between them; signatures: "signed" */
  const char* normalized; /* ISO date, decimal amount, bare digits, "true"/"false"; "" if there is none */
  const char* currency;   /* ISO 4217 of an amount, else "" */
  const char* raw_text;   /* best reading before any format or rule */
  const char* reason;     /* why it is not accepted; "" if it is */
  double confidence;      /* calibrated probability that the whole field is right */
  double threshold;       /* confidence from which this field is accepted */
  inkfield_quad quad;
  inkfield_field_kind kind;
  uint32_t candidate_count;
  uint32_t character_count;
  uint32_t changed_by_rule; /* 1: the format, or a rule across fields, changed the raw reading */
  const char* rule; /* the rule across fields that changed the answer or sends it to a person; "" if none did */
} inkfield_field;

typedef struct inkfield_candidate { /* best first */
  uint32_t struct_size;
  uint32_t reserved;
  const char* text;
  double probability;
} inkfield_candidate;

typedef struct inkfield_character {
  uint32_t struct_size;
  uint32_t codepoint; /* 0: an empty box */
  double confidence;
  inkfield_quad quad;
} inkfield_character;

typedef int32_t inkfield_rule_state;
#define INKFIELD_RULE_KEPT 1        /* holds as read */
#define INKFIELD_RULE_MENDED 2      /* holds with other readings of the changed fields, which go to a person */
#define INKFIELD_RULE_BROKEN 3      /* no likely readings satisfy it: its fields go to a person */
#define INKFIELD_RULE_NOT_APPLIED 4 /* a field was not asked for or could not be read, or today is not known */

typedef struct inkfield_rule { /* lives as long as the result */
  uint32_t struct_size;
  inkfield_rule_state state;
  const char* name;
  const char* reason;            /* "" if it is kept */
  const char* field_ids;         /* that it looks at, separated by '\n' */
  const char* changed_field_ids; /* of which it chose another reading, separated by '\n'; "" if none */
} inkfield_rule;

typedef struct inkfield_api {
  uint32_t struct_size;
  uint32_t abi_major;
  const char* version; /* of the library, "MAJOR.MINOR.PATCH" */

  /* [any] Makes an engine; release it with engine_release. */
  inkfield_status (*engine_create)(const inkfield_engine_options* options, inkfield_engine** engine, inkfield_error* error);
  void (*engine_retain)(inkfield_engine* engine);  /* [any] NULL is allowed */
  void (*engine_release)(inkfield_engine* engine); /* [any] NULL is allowed; sessions and documents keep their own reference */
  uint32_t (*engine_form_count)(const inkfield_engine* engine); /* [any] */
  inkfield_status (*engine_form)(const inkfield_engine* engine, uint32_t index, inkfield_form_info* form); /* [any] */
  uint32_t (*engine_fault_count)(const inkfield_engine* engine); /* [any] templates left out: their faults */
  inkfield_status (*engine_fault)(const inkfield_engine* engine, uint32_t index, inkfield_fault* fault); /* [any] */

  inkfield_status (*session_create)(inkfield_engine* engine, inkfield_session** session, inkfield_error* error); /* [any] */
  void (*session_destroy)(inkfield_session* session); /* [session] NULL is allowed */

  /* [session] Reads one page. options may be NULL. Destroy the result with result_destroy. */
  inkfield_status (*read_page)(inkfield_session* session, const inkfield_image* image, const inkfield_read_options* options,
                               inkfield_result** result, inkfield_error* error);

  void (*result_destroy)(inkfield_result* result); /* [any] NULL is allowed */
  inkfield_status (*result_page)(const inkfield_result* result, inkfield_page_info* page); /* [any] */
  inkfield_status (*result_field)(const inkfield_result* result, uint32_t index, inkfield_field* field);
  inkfield_status (*result_candidate)(const inkfield_result* result, uint32_t field, uint32_t index, inkfield_candidate* candidate);
  inkfield_status (*result_character)(const inkfield_result* result, uint32_t field, uint32_t index, inkfield_character* character);
  /* [any] One JSON object under config/schema/result.schema.json; lives as long as the result. */
  const char* (*result_json)(const inkfield_result* result);

  /* [any] Checks a template in memory. *faults is set (destroy it) whether it is good or not; OK or INVALID_TEMPLATE. */
  inkfield_status (*check_template)(const char* json, uint64_t json_bytes, const char* source, inkfield_faults** faults,
                                    inkfield_error* error);
  uint32_t (*faults_count)(const inkfield_faults* faults);
  inkfield_status (*faults_get)(const inkfield_faults* faults, uint32_t index, inkfield_fault* fault);
  void (*faults_destroy)(inkfield_faults* faults);

  /* [any] A table of more functions under a versioned name, or NULL. Valid as long as the library is loaded. */
  const void* (*get_extension)(const char* id);

  /* [any] What became of one of the template's rules across fields. */
  inkfield_status (*result_rule)(const inkfield_result* result, uint32_t index, inkfield_rule* rule);
} inkfield_api;

/* [any] NULL if this library does not speak that major version. Never fails otherwise. */
INKFIELD_EXPORT const inkfield_api* inkfield_get_api(uint32_t abi_major);
typedef const inkfield_api* (*inkfield_get_api_fn)(uint32_t abi_major);

/* --- "inkfield.files/1": PNG, JPEG, PNM and TIFF (G4, several pages) by content, not by name --- */
#define INKFIELD_EXT_FILES "inkfield.files/1"
typedef struct inkfield_files_api {
  uint32_t struct_size;
  uint32_t reserved;
  inkfield_status (*document_open)(inkfield_engine* engine, const char* path, inkfield_document** document, inkfield_error* error); /* [any] */
  inkfield_status (*document_open_memory)(inkfield_engine* engine, const void* bytes, uint64_t bytes_count, inkfield_document** document,
                                          inkfield_error* error); /* [any] copies the bytes */
  void (*document_close)(inkfield_document* document);
  uint32_t (*document_page_count)(const inkfield_document* document);
  /* [document: one call at a time] The image's pixels belong to the document and live until its next page is decoded. */
  inkfield_status (*document_page)(inkfield_document* document, uint32_t page, inkfield_image* image, inkfield_error* error);
} inkfield_files_api;

/* --- "inkfield.read_field/1": a host that cuts its own zones passes a crop and one field definition --- */
#define INKFIELD_EXT_READ_FIELD "inkfield.read_field/1"
typedef struct inkfield_read_field_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* [session] field_json: one field object of the template language, its zone left out (the crop is the zone). The same
   * definition is compiled once and kept by the session. The result has one field. */
  inkfield_status (*read_field)(inkfield_session* session, const inkfield_image* crop, const char* field_json, uint64_t field_json_bytes,
                                const inkfield_read_options* options, inkfield_result** result, inkfield_error* error);
} inkfield_read_field_api;

/* --- "inkfield.model/1": what a network file is --- */
#define INKFIELD_EXT_MODEL "inkfield.model/1"
typedef struct inkfield_model_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* [any] A JSON object about a network file: path, runnable, why_not (the first thing that stands in the way), missing
   * (all of them: where, what, advice, count), producer, operator_set, file_input, file_output, operators; if runnable also
   * name, version, licence, data, use, alphabet, input, layers, parameter_count, multiply_adds, int8, calibrated, calibration. path is taken as model_path is. buffer may
   * be NULL; *required_bytes includes the zero. */
  inkfield_status (*describe)(const char* path, char* buffer, uint64_t buffer_bytes, uint64_t* required_bytes, inkfield_error* error);
} inkfield_model_api;

#ifdef __cplusplus
}
#endif
#endif

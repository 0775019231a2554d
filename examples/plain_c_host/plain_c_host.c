/* Reads the pages of image files with Inkfield, loaded at run time as a capture program would load it. C99.
 *
 *   plain_c_host LIBRARY TEMPLATES IMAGE...
 *
 * LIBRARY is the path of libinkfield.so, TEMPLATES a form template or a folder of them. Prints a line for each
 * field. Ends with 0 if every page was read, 1 if not, 2 if it was called wrongly or has no engine.
 */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <inkfield/inkfield.h>
#include <stdio.h>
#include <string.h>

static char message[2048];

static inkfield_error fresh_error(void) {
  inkfield_error error = {0};
  error.struct_size = sizeof error;
  error.buffer = message;
  error.buffer_bytes = sizeof message;
  message[0] = '\0';
  return error;
}

static const char* state_name(inkfield_field_state state) {
  switch (state) {
    case INKFIELD_FIELD_ACCEPTED: return "accepted";
    case INKFIELD_FIELD_REVIEW: return "review";
    case INKFIELD_FIELD_EMPTY: return "empty";
    default: return "failed";
  }
}

static void print_result(const inkfield_api* api, const inkfield_result* result, const char* path, unsigned page_number) {
  inkfield_page_info page = {0};
  uint32_t i;
  page.struct_size = sizeof page;
  if (api->result_page(result, &page) != INKFIELD_OK) return;
  if (page.state != INKFIELD_PAGE_READ) printf("%s page %u: %s\n", path, page_number, page.reason);
  for (i = 0; i < page.field_count; ++i) {
    inkfield_field field = {0};
    field.struct_size = sizeof field;
    if (api->result_field(result, i, &field) != INKFIELD_OK) continue;
    printf("%s page %u: %s.%s = \"%s\" %s %.3f\n", path, page_number, page.form_id, field.id, field.text, state_name(field.state),
           field.confidence);
  }
}

/* Returns 1 if every page of the file was read. */
static int read_file(const inkfield_api* api, const inkfield_files_api* files, inkfield_engine* engine, inkfield_session* session,
                     const char* path) {
  inkfield_document* document = NULL;
  inkfield_error error = fresh_error();
  uint32_t i;
  int all_read = 1;
  if (files->document_open(engine, path, &document, &error) != INKFIELD_OK) {
    fprintf(stderr, "%s\n", message);
    return 0;
  }
  for (i = 0; i < files->document_page_count(document); ++i) {
    inkfield_image image = {0};
    inkfield_result* result = NULL;
    image.struct_size = sizeof image;
    error = fresh_error();
    if (files->document_page(document, i, &image, &error) != INKFIELD_OK ||
        api->read_page(session, &image, NULL, &result, &error) != INKFIELD_OK) {
      fprintf(stderr, "%s page %u: %s\n", path, (unsigned)i, message);
      all_read = 0;
      continue;
    }
    print_result(api, result, path, (unsigned)i);
    api->result_destroy(result);
  }
  files->document_close(document);
  return all_read;
}

int main(int argc, char** argv) {
  void* library;
  void* symbol;
  inkfield_get_api_fn get_api;
  const inkfield_api* api;
  const inkfield_files_api* files;
  inkfield_engine_options options = {0};
  inkfield_engine* engine = NULL;
  inkfield_session* session = NULL;
  inkfield_error error;
  int i;
  int all_read = 1;
  if (argc < 3) {
    fprintf(stderr, "usage: %s LIBRARY TEMPLATES IMAGE...\n", argv[0]);
    return 2;
  }
  library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  symbol = library == NULL ? NULL : dlsym(library, "inkfield_get_api");
  if (symbol == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  memcpy(&get_api, &symbol, sizeof get_api); /* C99 has no conversion from object to function pointers */
  api = get_api(INKFIELD_ABI_MAJOR);
  files = api == NULL ? NULL : (const inkfield_files_api*)api->get_extension(INKFIELD_EXT_FILES);
  if (files == NULL) {
    fprintf(stderr, "%s speaks another version of the interface\n", argv[1]);
    return 2;
  }
  options.struct_size = sizeof options;
  options.template_paths = argv[2];
  options.strict = 1;
  error = fresh_error();
  if (api->engine_create(&options, &engine, &error) != INKFIELD_OK ||
      api->session_create(engine, &session, &error) != INKFIELD_OK) {
    fprintf(stderr, "%s\n", message);
    api->engine_release(engine);
    return 2;
  }
  for (i = 3; i < argc; ++i) all_read = read_file(api, files, engine, session, argv[i]) && all_read;
  api->session_destroy(session);
  api->engine_release(engine);
  dlclose(library);
  return all_read ? 0 : 1;
}

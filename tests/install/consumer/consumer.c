/* The least a customer's build does with an installed Inkfield: link, ask for the table, make an engine. */
#include <inkfield/inkfield.h>
#include <stdio.h>

int main(void) {
  const inkfield_api* api = inkfield_get_api(INKFIELD_ABI_MAJOR);
  inkfield_engine* engine = NULL;
  char text[512] = "";
  inkfield_engine_options options = {0};
  inkfield_error error = {0};
  options.struct_size = sizeof options;
  error.struct_size = sizeof error;
  error.buffer = text;
  error.buffer_bytes = sizeof text;
  if (api == NULL || !INKFIELD_HAS(api, engine_create)) return 1;
  if (api->engine_create(&options, &engine, &error) != INKFIELD_OK) {
    fprintf(stderr, "no engine: %s\n", text);
    return 1;
  }
  printf("Inkfield %s, %u forms\n", api->version, (unsigned)api->engine_form_count(engine));
  api->engine_release(engine);
  return 0;
}

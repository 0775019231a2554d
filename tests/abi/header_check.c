/* The public header alone, compiled in one C standard; the build is the test. */
#include <inkfield/inkfield.h>

int main(void) {
  inkfield_image image = {0};
  image.struct_size = sizeof image;
  return image.struct_size == sizeof(inkfield_image) ? 0 : 1;
}

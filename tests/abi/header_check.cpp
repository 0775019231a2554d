// The public headers, compiled in one C++ standard; the build is the test.
#include <inkfield/inkfield.h>
// The C header first, so that it stands alone.
#include <inkfield/inkfield.hpp>

int main() { return inkfield::status_name(INKFIELD_OK)[0] == 'o' ? 0 : 1; }

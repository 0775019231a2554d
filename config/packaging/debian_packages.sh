# Sourced by examples/run and tests/run: which Debian 12 packages each needs, and how to get what is missing.

inkfield_build_packages="g++ cmake ninja-build pkg-config ca-certificates
  libtesseract-dev libleptonica-dev tesseract-ocr-eng nlohmann-json3-dev libprotozero-dev
  libboost-dev libpoco-dev libpq-dev libcli11-dev zlib1g-dev libzxing-dev"
# Samples are drawn with cairo and Debian's fonts.
inkfield_sample_packages="libcairo2-dev fonts-liberation fonts-dejavu-core fonts-urw-base35"
inkfield_test_packages="libgtest-dev libgmock-dev libvalijson-dev libtorch-dev libpng-dev libopencv-dnn-dev libdnnl-dev binutils clang libclang-rt-dev llvm
  poppler-utils sane-utils postgresql"

# inkfield_install PACKAGE...: installs those that are not there; needs root or sudo only if some are missing.
inkfield_install() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "Installing: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "These packages are missing and need root: ${missing[*]}" >&2; return 1; }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
      >/tmp/inkfield-apt.$$.log 2>&1 || { cat /tmp/inkfield-apt.$$.log >&2; return 1; }
  rm -f /tmp/inkfield-apt.$$.log
}

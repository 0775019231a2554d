find_package(nlohmann_json 3.11 REQUIRED)
find_path(INKFIELD_VALIJSON_INCLUDE_DIR valijson/validator.hpp REQUIRED)
inkfield_test(inkfield_config_test LABELS unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/config_corpus.cpp
    ${CMAKE_CURRENT_LIST_DIR}/config_json_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/config_pattern_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/config_rules_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/config_schema_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/config_template_test.cpp
  LIBS inkfield_config nlohmann_json::nlohmann_json)
target_compile_definitions(inkfield_config_test PRIVATE INKFIELD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
# As a system folder: its headers do not stand our warnings.
target_include_directories(inkfield_config_test SYSTEM PRIVATE ${INKFIELD_VALIJSON_INCLUDE_DIR})

inkfield_test(inkfield_house_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/house_include_arrows_test.cpp)
target_compile_definitions(inkfield_house_test PRIVATE INKFIELD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")

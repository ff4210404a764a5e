# gale_compile: the warnings and sanitizers that all our own code is built
# with.  Never installed: what a user's program is built with is its affair.
add_library(gale_compile INTERFACE)

target_compile_options(gale_compile INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
    $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
    $<$<BOOL:${GALE_WERROR}>:-Werror>)

if(GALE_SANITIZE)
    add_compile_options(-fsanitize=${GALE_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${GALE_SANITIZE})
endif()
if(GALE_SANITIZE AND CMAKE_C_COMPILER_ID STREQUAL GNU)
    # With them it no longer sees what bounds a number that is printed, and
    # warns of what it does not warn of without.
    add_compile_options(-Wno-format-truncation -Wno-restrict)
endif()
if(GALE_SANITIZE STREQUAL thread AND CMAKE_C_COMPILER_ID STREQUAL GNU)
    # It does not understand fences.  What they order beside atomics that it
    # does understand (who sleeps, who wakes) is none of its business.
    add_compile_options(-Wno-tsan)
endif()
if(GALE_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Run by cpack between installing and packing: each component lies in a
# directory of its own, as it will be from / on.  Adds what Debian's policy
# wants of each package.
set(debian ${CPACK_GALE_PACKAGING}/debian)
set(plain FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)

# Without the time in it, so that the same files are the same package.
function(gzip file)
    execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER ${component} upper)
    set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
    set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${component})
    set(doc ${root}/usr/share/doc/${package})
    file(COPY ${debian}/copyright DESTINATION ${doc} ${plain})
    configure_file(${debian}/changelog.in ${doc}/changelog @ONLY ${plain})
    gzip(${doc}/changelog)
    if(EXISTS ${debian}/${package}.lintian-overrides)
        configure_file(${debian}/${package}.lintian-overrides
            ${root}/usr/share/lintian/overrides/${package} COPYONLY)
    endif()
    file(GLOB manuals ${root}/usr/share/man/*/*)
    foreach(manual IN LISTS manuals)
        gzip(${manual})
    endforeach()
endforeach()

# A configuration file, which dpkg keeps as the administrator changed it.
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/command)
file(COPY ${CPACK_GALE_PACKAGING}/storm.yaml DESTINATION ${root}/etc/gale
    ${plain})
file(MAKE_DIRECTORY ${root}/usr/share/doc/gale/examples)
file(RENAME ${root}/usr/share/gale/storm.yaml
    ${root}/usr/share/doc/gale/examples/storm.yaml)

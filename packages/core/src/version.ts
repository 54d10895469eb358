/** Version of this package, as files and scan_info tell it. */
export const coreVersion = "0.1.0";

package garage.cli;

import java.io.InputStream;
import java.io.PrintWriter;
import java.time.ZoneId;

/** Where commands read and write, and the time zone they show dates in. */
public record Console(InputStream in, PrintWriter out, PrintWriter err, ZoneId zone) {}

package garage.layout.lawbreaker;

import garage.http.lawbreaker.Accomplice;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

/** Breaks the rules, so that the test of the rules can see each of them fail. Never run. */
@SuppressWarnings({
  "unused",
  "NonFinalStaticField",
  "MutablePublicArray",
  "StaticAssignmentOfThrowable"
})
public final class Lawbreaker {
  static int counter;
  static final ArrayList<String> NAMES = new ArrayList<>();

  public Accomplice partner = new Accomplice();

  long clock() {
    return System.nanoTime();
  }

  int dice() {
    return new Random(1).nextInt();
  }

  void thread() {
    Thread.startVirtualThread(() -> {});
  }

  Object wait(SynchronousQueue<String> queue) throws InterruptedException {
    String item = queue.poll(1, TimeUnit.SECONDS);
    return item == null ? "" : item;
  }

  List<Path> files() throws java.io.IOException {
    try (var files = Files.list(Path.of("."))) {
      return files.toList();
    }
  }

  int oldFiles() throws java.io.IOException {
    try (var in = new java.io.FileInputStream("x")) {
      return in.read();
    }
  }

  java.net.http.HttpClient client() {
    return java.net.http.HttpClient.newHttpClient();
  }

  Socket socket() {
    return new Socket();
  }

  Object[] libraries() {
    return new Object[] {
      io.netty.buffer.Unpooled.EMPTY_BUFFER,
      new org.rocksdb.Options(),
      new org.bouncycastle.jce.provider.BouncyCastleProvider(),
      com.github.luben.zstd.Zstd.maxCompressionLevel(),
      new com.fasterxml.jackson.databind.ObjectMapper(),
      new picocli.CommandLine(new Object()),
      ch.qos.logback.classic.Level.INFO,
      javax.xml.stream.XMLInputFactory.newFactory(),
    };
  }
}

package garage.benchmarks.load;

import garage.common.hash.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;

/**
 * What this machine allows, measured in the same run: no server can hash, sync or copy faster.
 *
 * @param md5BytesPerSecond of one core
 * @param sha256BytesPerSecond of one core
 * @param syncsPerSecond of 4 KiB written over old bytes and synced, one after the other
 * @param loopbackBytesPerSecond one connection, one sender, one receiver
 */
record MachineLimits(
    double md5BytesPerSecond,
    double sha256BytesPerSecond,
    double syncsPerSecond,
    double loopbackBytesPerSecond) {
  private static final int PIECE_BYTES = 64 * 1024;
  private static final int SYNC_BYTES = 4096;
  private static final int SYNC_FILE_BYTES = 4 << 20;
  private static final double NANOS = 1e9;

  /** {@code directory} is on the server's file system. */
  static MachineLimits measure(Path directory, Duration each)
      throws IOException, InterruptedException {
    long nanos = each.toNanos();
    return new MachineLimits(
        digest(Digests.md5(), nanos),
        digest(Digests.sha256(), nanos),
        syncs(directory, nanos),
        loopback(nanos));
  }

  /** What MD5 and SHA-256 over the same bytes allow one core. */
  double bothDigestsBytesPerSecond() {
    return 1 / (1 / md5BytesPerSecond + 1 / sha256BytesPerSecond);
  }

  private static double digest(MessageDigest digest, long nanos) {
    byte[] piece = new byte[PIECE_BYTES];
    long warm = System.nanoTime() + nanos / 2;
    while (System.nanoTime() < warm) {
      digest.update(piece);
    }
    var threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    long end = System.nanoTime() + nanos;
    long bytes = 0;
    while (System.nanoTime() < end) {
      digest.update(piece);
      bytes += piece.length;
    }
    return bytes * NANOS / Math.max(1, threads.getCurrentThreadCpuTime() - start);
  }

  private static double syncs(Path directory, long nanos) throws IOException {
    Path file = Files.createTempFile(directory, "bench", ".sync");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(SYNC_FILE_BYTES), 0);
      channel.force(true);
      ByteBuffer piece = ByteBuffer.allocateDirect(SYNC_BYTES);
      long start = System.nanoTime();
      long count = 0;
      while (System.nanoTime() - start < nanos) {
        channel.write(piece.clear(), count * SYNC_BYTES % SYNC_FILE_BYTES);
        channel.force(false);
        count++;
      }
      return count * NANOS / (System.nanoTime() - start);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static double loopback(long nanos) throws IOException, InterruptedException {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (ServerSocket listener = new ServerSocket(0, 1, here);
        Socket sender = new Socket(here, listener.getLocalPort());
        Socket receiver = listener.accept()) {
      long end = System.nanoTime() + nanos;
      Thread sending = Thread.ofPlatform().start(() -> send(sender, end));
      byte[] piece = new byte[PIECE_BYTES];
      InputStream in = receiver.getInputStream();
      long start = System.nanoTime();
      long bytes = 0;
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
        bytes += n;
      }
      long elapsed = System.nanoTime() - start;
      sending.join();
      return bytes * NANOS / elapsed;
    }
  }

  private static void send(Socket socket, long end) {
    byte[] piece = new byte[PIECE_BYTES];
    try {
      OutputStream out = socket.getOutputStream();
      while (System.nanoTime() < end) {
        out.write(piece);
      }
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new IllegalStateException("the loopback connection failed", e);
    }
  }
}

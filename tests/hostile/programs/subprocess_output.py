"""Output that does not pass through sys.stdout.write."""
import os
import subprocess
import sys

done = subprocess.run([sys.executable, "-S", "-c", "print('from a child')"], capture_output=True, text=True)
sys.stdout.writelines(["a\n", "b\n"])
print("from us", file=sys.stdout)
text = done.stdout.strip()
print(text)
